import AsyncHTTPClient
import HostSystem
import NIOCore
import NIOHTTP1
import NIOSSL
import OCI
import SystemPackage

/// One request and its answer: nothing is followed, repeated or proved here. Failures come out as `HTTPError`, those
/// that may pass inside a `TemporaryFailure`.
struct HTTPTransport: Sendable {
    let settings: NetworkSettings

    struct Request: Sendable {
        var method: HTTPMethod
        var address: WebAddress
        var headers: [(name: String, value: String)] = []
        var body: Body?
    }

    enum Body: Sendable {
        case bytes([UInt8])
        /// A part of a file, read as it is sent.
        case file(String, Range<Int64>)
        case stream(AsyncThrowingStream<[UInt8], any Error>, length: Int64)

        /// Whether it can be sent a second time.
        var isRepeatable: Bool { if case .stream = self { false } else { true } }
    }

    struct Response: Sendable {
        var address: WebAddress
        var status: Int
        var headers: HTTPHeaders
        var body: HTTPClientResponse.Body

        func header(_ name: String) -> String? { headers.first(name: name) }
        var length: Int64? { header("content-length").flatMap { Int64($0) } }
    }

    private static let patience = {
        var patience = DownloadPatience()
        // A registry may think for long about a large upload before it answers.
        patience.silence = .seconds(120)
        return patience
    }()

    func send(_ request: Request, security: TransportSecurity) async throws -> Response {
        var wire = HTTPClientRequest(url: request.address.withoutUserInfo.text)
        wire.method = request.method
        wire.headers.add(name: "User-Agent", value: settings.userAgent)
        // The bytes as they are: digests are of these.
        wire.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in request.headers { wire.headers.replaceOrAdd(name: name, value: value) }
        do {
            wire.body = try Self.body(of: request)
            let client = try await HTTPClients.shared.client(
                for: HTTPClients.Key(
                    certificateFile: settings.certificateFile, security: security,
                    proxy: try settings.proxy(for: request.address)), at: request.address)
            let response = try await client.execute(wire, timeout: .hours(24))
            return Response(
                address: request.address, status: Int(response.status.code), headers: response.headers, body: response.body)
        } catch { throw Self.explained(error, at: request.address, settings: settings) }
    }

    static func explained(
        _ error: any Error, at address: WebAddress, settings: NetworkSettings = NetworkSettings(), received: Int64 = 0
    ) -> any Error {
        if error is SystemError { return error }
        return HTTPExchange(request: HTTPRequest(address), method: .GET, settings: settings, patience: patience)
            .explained(error, at: address, received: received)
    }

    private static func body(of request: Request) throws -> HTTPClientRequest.Body? {
        switch request.body {
        case nil: return nil
        case .bytes(let bytes): return .bytes(ByteBuffer(bytes: bytes))
        case .file(let path, let range):
            let chunks = FileChunks(file: try File(opening: FilePath(path)), range: range)
            return .stream(chunks, length: .known(range.upperBound - range.lowerBound))
        case .stream(let chunks, let length):
            return .stream(chunks.map { ByteBuffer(bytes: $0) }, length: .known(length))
        }
    }

    static func timeouts(_ configuration: inout HTTPClient.Configuration) {
        configuration.timeout = .init(connect: patience.connect.timeAmount, read: patience.silence.timeAmount)
    }
}

extension HTTPTransport.Response {
    /// The whole body; nil when it is longer than `limit`. Throws as `send` does.
    func collect(limit: Int) async throws -> [UInt8]? {
        do {
            if let length, length > Int64(limit) { return nil }
            var bytes: [UInt8] = []
            for try await part in body {
                guard bytes.count + part.readableBytes <= limit else { return nil }
                bytes.append(contentsOf: part.readableBytesView)
            }
            return bytes
        } catch { throw HTTPTransport.explained(error, at: address) }
    }

    /// Reads what is left of a short body, so that its connection can be used again.
    func drain() async { _ = try? await collect(limit: 64 << 10) }
}

/// A part of a file in pieces, read on threads that may block.
private struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let file: File
    let range: Range<Int64>

    struct AsyncIterator: AsyncIteratorProtocol {
        let file: File
        var offset: Int64
        let end: Int64

        mutating func next() async throws -> ByteBuffer? {
            guard offset < end else { return nil }
            let (file, start, count) = (file, offset, Int(Swift.min(end - offset, 256 << 10)))
            let chunk = try await BlockingPool.run {
                var buffer = ByteBuffer()
                try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                    try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: start)
                }
                return buffer
            }
            guard chunk.readableBytes > 0 else {
                throw SystemError("send", file.path, .ioError, detail: "it ends before its announced length")
            }
            offset += Int64(chunk.readableBytes)
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, offset: range.lowerBound, end: range.upperBound) }
}

/// Clients by what sets them apart, so that connections are used again. They live as long as the process: one that is
/// let go of without being shut down traps, and nobody knows which request is the last.
actor HTTPClients {
    static let shared = HTTPClients()

    struct Key: Hashable, Sendable {
        var certificateFile: String?
        var security: TransportSecurity
        var proxy: NetworkSettings.Proxy?
    }

    private var clients: [Key: HTTPClient] = [:]

    func client(for key: Key, at address: WebAddress) throws -> HTTPClient {
        if let known = clients[key] { return known }
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        HTTPTransport.timeouts(&configuration)
        configuration.tlsConfiguration = try Self.tls(key, at: address)
        configuration.proxy = key.proxy.map(Self.proxy)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        clients[key] = client
        return client
    }

    private static func tls(_ key: Key, at address: WebAddress) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = key.certificateFile { tls.trustRoots = .certificates(try certificates(file, at: address)) }
        for file in key.security.authorities {
            tls.additionalTrustRoots.append(.certificates(try certificates(file, at: address)))
        }
        if let client = key.security.client {
            tls.certificateChain = try certificates(client.certificate, at: address).map { .certificate($0) }
            do { tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: client.key, format: .pem)) } catch {
                throw HTTPError(.certificates(file: client.key), at: address)
            }
        }
        if key.security.skipsVerification { tls.certificateVerification = .none }
        return tls
    }

    private static func certificates(_ file: String, at address: WebAddress) throws -> [NIOSSLCertificate] {
        do {
            let found = try NIOSSLCertificate.fromPEMFile(file)
            if !found.isEmpty { return found }
        } catch {}
        throw HTTPError(.certificates(file: file), at: address)
    }

    private static func proxy(_ proxy: NetworkSettings.Proxy) -> HTTPClient.Configuration.Proxy {
        let port = proxy.address.port ?? (proxy.isSOCKS ? 1080 : 3128)
        if proxy.isSOCKS { return .socksServer(host: proxy.address.host, port: port) }
        guard let info = proxy.address.userInfo else { return .server(host: proxy.address.host, port: port) }
        let parts = info.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { WebAddress.decoded(String($0)) }
        return .server(
            host: proxy.address.host, port: port,
            authorization: .basic(username: parts[0], password: parts.count > 1 ? parts[1] : ""))
    }
}
