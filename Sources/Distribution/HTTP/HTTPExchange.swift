import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import OCI

/// A request and what it leads to, over redirects. Failures of the network come out as `HTTPError`, those that may pass
/// inside a `TemporaryFailure`.
struct HTTPExchange {
    let request: HTTPRequest
    let method: HTTPMethod
    let settings: NetworkSettings
    let patience: DownloadPatience

    func perform<T>(
        headers: [(name: String, value: String)],
        _ body: (HTTPClientResponse, WebAddress) async throws -> T, received: () -> Int64 = { 0 }
    ) async throws -> T {
        var address = request.address
        for _ in 0...patience.redirects {
            guard address.scheme == "http" || address.scheme == "https" else {
                throw HTTPError(.redirectTarget(address.redacted), at: request.address)
            }
            do {
                switch try await hop(to: address, headers: headers, body) {
                case .answer(let value): return value
                case .redirect(let target):
                    guard let next = address.resolving(target), ["http", "https"].contains(next.scheme) else {
                        throw HTTPError(.redirectTarget(WebAddress.redacting(target)), at: address)
                    }
                    address = next
                }
            } catch { throw explained(error, at: address, received: received()) }
        }
        throw HTTPError(.redirects(patience.redirects), at: request.address)
    }

    private enum Hop<T> {
        case answer(T)
        case redirect(String)
    }

    private func hop<T>(
        to address: WebAddress, headers: [(name: String, value: String)],
        _ body: (HTTPClientResponse, WebAddress) async throws -> T
    ) async throws -> Hop<T> {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try configuration(for: address))
        let result: Result<Hop<T>, any Error>
        do {
            let response = try await client.execute(wireRequest(to: address, headers: headers), timeout: .hours(24))
            if [301, 302, 303, 307, 308].contains(response.status.code), let target = response.headers.first(name: "location") {
                result = .success(.redirect(target))
            } else {
                result = .success(.answer(try await body(response, address)))
            }
        } catch { result = .failure(error) }
        // A client that is not shut down traps.
        try? await client.shutdown()
        return try result.get()
    }

    private func wireRequest(to address: WebAddress, headers: [(name: String, value: String)]) -> HTTPClientRequest {
        var wire = HTTPClientRequest(url: address.withoutUserInfo.text)
        wire.method = method
        wire.headers.add(name: "User-Agent", value: settings.userAgent)
        wire.headers.add(name: "Accept", value: "*/*")
        // The bytes as they are: a checksum is of these.
        wire.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in headers { wire.headers.replaceOrAdd(name: name, value: value) }
        if address.origin == request.address.origin, let authorization = request.authorization ?? basic(request.address) {
            wire.headers.replaceOrAdd(name: "Authorization", value: authorization)
        }
        return wire
    }

    private func basic(_ address: WebAddress) -> String? {
        address.userInfo.map(BasicAuthorization.header)
    }

    private func configuration(for address: WebAddress) throws -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: patience.connect.timeAmount, read: patience.silence.timeAmount)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        if let file = settings.certificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file)) } catch {
                throw HTTPError(.certificates(file: file), at: address)
            }
            configuration.tlsConfiguration = tls
        }
        if let proxy = try settings.proxy(for: address) {
            let port = proxy.address.port ?? (proxy.isSOCKS ? 1080 : 3128)
            if proxy.isSOCKS {
                configuration.proxy = .socksServer(host: proxy.address.host, port: port)
            } else if let info = proxy.address.userInfo {
                let parts = info.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { WebAddress.decoded(String($0)) }
                configuration.proxy = .server(
                    host: proxy.address.host, port: port,
                    authorization: .basic(username: parts[0], password: parts.count > 1 ? parts[1] : ""))
            } else {
                configuration.proxy = .server(host: proxy.address.host, port: port)
            }
        }
        return configuration
    }
}

extension HTTPExchange {
    /// What went wrong in our words; whether it may pass decides whether it is tried again.
    func explained(_ error: any Error, at address: WebAddress, received: Int64) -> any Error {
        func temporary(_ reason: HTTPError.Reason) -> any Error { TemporaryFailure(HTTPError(reason, at: address)) }
        switch error {
        case is HTTPError, is TemporaryFailure, is CancellationError: return error
        case let failure as SinkFailure: return failure.underlying
        case let error as HTTPClientError:
            switch error {
            case .cancelled: return CancellationError()
            case .connectTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .tlsHandshakeTimeout:
                return temporary(.connectTimeout)
            case .readTimeout, .deadlineExceeded:
                return temporary(.silence(seconds: Int(patience.silence.components.seconds)))
            case .proxyAuthenticationRequired: return HTTPError(.status(407), at: address)
            case .invalidProxyResponse: return HTTPError(.proxy("the proxy refuses to connect"), at: address)
            case .invalidURL, .emptyHost, .emptyScheme: return HTTPError(notAnAddress: address.redacted)
            default: return temporary(.lost(received: received))
            }
        case let error as NIOConnectionError: return explained(error, at: address)
        case let error as NIOSSLError:
            if case .uncleanShutdown = error { return temporary(.lost(received: received)) }
            return HTTPError(.tls(Self.tlsWords("\(error)")), at: address)
        case let error as BoringSSLError: return HTTPError(.tls(Self.tlsWords("\(error)")), at: address)
        case is NIOSSLExtraError: return HTTPError(.tls("its certificate is for another name"), at: address)
        // Addresses in digits are connected to without looking a name up.
        case let error as IOError where [101, 111, 113].contains(error.errnoCode): return unconnected([error], at: address)
        case is IOError, is ChannelError, is HTTPParserError: return temporary(.lost(received: received))
        default: return HTTPError(.other("\(error)"), at: address)
        }
    }

    private func explained(_ error: NIOConnectionError, at address: WebAddress) -> any Error {
        guard error.connectionErrors.isEmpty else { return unconnected(error.connectionErrors.map(\.error), at: address) }
        guard let proxy = proxy(for: address) else { return HTTPError(.nameNotFound, at: address) }
        return HTTPError(.proxy("there is no host named \"\(proxy.host)\", which is set as the proxy"), at: address)
    }

    private func proxy(for address: WebAddress) -> WebAddress? { (try? settings.proxy(for: address))?.address }

    private func unconnected(_ errors: [any Error], at address: WebAddress) -> any Error {
        // ECONNREFUSED
        if errors.allSatisfy({ ($0 as? IOError)?.errnoCode == 111 }) {
            guard let proxy = proxy(for: address) else { return HTTPError(.refused, at: address) }
            return HTTPError(.proxy("the proxy \(proxy.authority) refuses the connection"), at: address)
        }
        if case ChannelError.connectTimeout? = errors.first { return TemporaryFailure(HTTPError(.connectTimeout, at: address)) }
        return TemporaryFailure(HTTPError(.unreachable("\(errors[0])"), at: address))
    }

    private static func tlsWords(_ text: String) -> String {
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is not signed by an authority this machine trusts" }
        if text.contains("WRONG_VERSION_NUMBER") { return "it does not speak TLS there" }
        return text
    }
}

extension Duration {
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

/// RFC 7617.
package enum BasicAuthorization {
    /// The header's value for `user[:password]` as it stands in an address, percent-encoded.
    package static func header(_ userInfo: String) -> String {
        let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = WebAddress.decoded(String(parts[0]))
        let password = parts.count > 1 ? WebAddress.decoded(String(parts[1])) : ""
        return header(name: name, password: password)
    }

    /// RFC 7617.
    package static func header(name: String, password: String) -> String {
        "Basic " + Base64.encode(Array("\(name):\(password)".utf8))
    }
}

/// RFC 4648, section 4.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                result.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
