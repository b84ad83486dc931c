import NIOHTTP1
import OCI

/// A server that gives tokens for a registry, as the registry's challenge names it (distribution's token
/// authentication; its `oauth2` form for identity tokens).
struct TokenServer: Sendable {
    struct Token: Sendable, Hashable {
        var text: String
        var lifetime: Duration
    }

    private struct Answer: Codable, Sendable {
        var token: String?
        var access_token: String?
        var expires_in: Int64?
    }

    let realm: WebAddress
    let service: String?
    private let security: TransportSecurity
    private let registry: String
    private static let answerLimit = 256 << 10

    /// - Parameter isSecret: credentials will be sent to it.
    init(_ challenge: Challenge, host: RegistryHost, registry: String, isSecret: Bool) throws(RegistryError) {
        guard let text = challenge.parameters["realm"], let realm = WebAddress(parsing: text), ["http", "https"].contains(realm.scheme)
        else {
            throw RegistryError(.malformed("it wants a token and names no server that gives one"), registry: registry)
        }
        guard realm.scheme == "https" || host.address.scheme == "http" || !isSecret else {
            throw RegistryError(
                .malformed("it wants your credentials sent unencrypted to \(realm.authority)"), registry: registry)
        }
        self.realm = realm
        service = challenge.parameters["service"]
        self.registry = registry
        var security = host.security
        if realm.origin != host.address.origin {
            // Whoever lets a registry's certificate pass unseen did not say so of others.
            security.skipsVerification = security.skipsVerification && realm.host == host.address.host
            security.client = nil
        }
        self.security = security
    }

    func token(for scopes: [String], _ credentials: Credentials?, through transport: HTTPTransport) async throws -> Token {
        let response = try await transport.send(request(for: scopes, credentials), security: security)
        guard let bytes = try await response.collect(limit: Self.answerLimit) else {
            throw fail(.malformed("\(realm.authority) gives a token of more than \(Self.answerLimit) bytes"))
        }
        switch response.status {
        case 200: return try read(bytes)
        case 401, 403:
            throw fail(credentials == nil ? .credentialsMissing : .credentialsRefused(user: credentials?.user), said: bytes)
        case 400 where credentials != nil:
            throw fail(credentials == nil ? .credentialsMissing : .credentialsRefused(user: credentials?.user), said: bytes)
        case let status where RetryPolicy.isTemporary(status):
            throw TemporaryFailure(HTTPError(.status(status), at: realm), pause: response.rest)
        default: throw fail(.status(response.status), said: bytes)
        }
    }

    private func request(for scopes: [String], _ credentials: Credentials?) -> HTTPTransport.Request {
        var fields: [(String, String)] = service.map { [("service", $0)] } ?? []
        if case .identityToken(let token) = credentials {
            fields += [("grant_type", "refresh_token"), ("client_id", "jettison"), ("refresh_token", token)]
            if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
            return HTTPTransport.Request(
                method: .POST, address: realm, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: .bytes(Array(QueryText.join(fields).utf8)))
        }
        fields += scopes.map { ("scope", $0) }
        if let user = credentials?.user { fields.append(("account", user)) }
        var address = realm
        let query = QueryText.join(fields)
        address.query = [realm.query, query].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
        return HTTPTransport.Request(
            method: .GET, address: address, headers: credentials?.header.map { [("Authorization", $0)] } ?? [])
    }

    private func read(_ bytes: [UInt8]) throws -> Token {
        guard let answer = try? Document<Answer>(decoding: bytes, mediaType: MediaType(rawValue: "application/json")).value,
            let text = [answer.token, answer.access_token].compactMap({ $0 }).first(where: { !$0.isEmpty }),
            text.utf8.allSatisfy({ (33...126).contains($0) })
        else { throw fail(.malformed("\(realm.authority) gives no token")) }
        // At least a minute, says the specification; a little less, so that it does not expire on its way.
        let seconds = min(max(answer.expires_in ?? 60, 60), 86400)
        return Token(text: text, lifetime: .seconds(seconds - 10))
    }

    private func fail(_ reason: RegistryError.Reason, said bytes: [UInt8] = []) -> RegistryError {
        var error = RegistryError(reason, registry: registry)
        error.url = realm.redacted
        error.said = RegistryErrorBody.read(bytes)?.said
        return error
    }
}

/// The query of an address, or the body of a form.
enum QueryText {
    static func join(_ fields: [(String, String)]) -> String {
        fields.map { encode($0) + "=" + encode($1) }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters is percent-encoded.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension HTTPTransport.Response {
    /// `Retry-After`: seconds, or a time taken against the server's own clock (RFC 9110, section 10.2.3).
    var rest: Duration? {
        guard let text = header("retry-after") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86400)) }
        guard let then = HTTPDate.seconds(text), let now = header("date").flatMap(HTTPDate.seconds) else { return nil }
        return .seconds(max(0, min(then - now, 86400)))
    }
}
