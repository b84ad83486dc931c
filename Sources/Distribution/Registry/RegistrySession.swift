import NIOHTTP1
import OCI

/// A request of the distribution protocol.
struct RegistryCall: Sendable {
    var method: HTTPMethod = .GET
    /// Below `v2/`.
    var path = ""
    var query: String?
    /// Where an upload was told to go on: stands in the place of path and query.
    var address: WebAddress?
    var headers: [(name: String, value: String)] = []
    var body: HTTPTransport.Body?
    var scope = RegistryScope()
    /// For messages.
    var target: String?
}

/// Talks to the hosts of one registry: proves who asks, follows, tries again. An answer that comes back is neither a
/// redirect, nor 401, nor one that may be another a moment later.
struct RegistrySession: Sendable {
    let registry: String
    let transport: HTTPTransport
    let authenticator: Authenticator
    let guesses: SchemeGuesses
    let retry: RetryPolicy

    private static let redirectLimit = 10

    func send(_ call: RegistryCall, to host: RegistryHost, attempts: Int? = nil) async throws -> HTTPTransport.Response {
        var policy = retry
        policy.attempts = attempts ?? retry.attempts
        if let body = call.body, !body.isRepeatable { policy.attempts = 1 }
        var attempt = 1
        while true {
            do {
                let host = try await guesses.settled(host, through: transport)
                return try await prove(call, to: host)
            } catch let failure as TemporaryFailure {
                try Task.checkCancellation()
                guard let pause = policy.pause(after: attempt, asked: failure.pause) else {
                    throw error(failure, call, attempts: attempt)
                }
                try await retry.sleep(pause)
                attempt += 1
            } catch let failure as HTTPError { throw error(.network(failure), call) }
        }
    }

    /// One request, a second one when credentials are wanted.
    private func prove(_ call: RegistryCall, to host: RegistryHost) async throws -> HTTPTransport.Response {
        let known = await authenticator.proof(for: host, call.scope)
        let first = try await follow(call, to: host, known)
        guard first.status == 401 else { return try checked(first) }
        let challenges = Challenge.parse(first.headers["www-authenticate"])
        let said = try await first.collect(limit: 64 << 10).flatMap(RegistryErrorBody.read)
        guard let proof = try await authenticator.answer(challenges, of: host, registry: registry, call.scope) else {
            throw unauthorized(known, call, said?.said)
        }
        let second = try await follow(call, to: host, proof)
        guard second.status == 401 else { return try checked(second) }
        let body = try await second.collect(limit: 64 << 10).flatMap(RegistryErrorBody.read)
        throw unauthorized(proof, call, body?.said)
    }

    private func checked(_ response: HTTPTransport.Response) throws -> HTTPTransport.Response {
        guard RetryPolicy.isTemporary(response.status) else { return response }
        throw TemporaryFailure(HTTPError(.status(response.status), at: response.address), pause: response.rest)
    }

    /// Follows redirects. What proves who asks goes to the host asked, and to nobody else.
    private func follow(_ call: RegistryCall, to host: RegistryHost, _ proof: Proof?) async throws -> HTTPTransport.Response {
        let first = call.address ?? host.url(call.path, query: call.query)
        var address = first
        for _ in 0...Self.redirectLimit {
            let isOwn = address.origin == host.address.origin
            var request = HTTPTransport.Request(method: call.method, address: address, headers: call.headers, body: call.body)
            if isOwn {
                request.headers += host.headers.map { ($0.name, $0.value) }
                if let proof { request.headers.append(("Authorization", proof.header)) }
            }
            var security = host.security
            if !isOwn { security.client = nil }
            let response = try await transport.send(request, security: security)
            guard [301, 302, 303, 307, 308].contains(response.status), [.GET, .HEAD].contains(call.method) else { return response }
            guard let target = response.header("location"), let next = address.resolving(target), ["http", "https"].contains(next.scheme),
                next.scheme == "https" || host.address.scheme == "http"
            else { throw HTTPError(.redirectTarget(WebAddress.redacting(response.header("location") ?? "")), at: address) }
            await response.drain()
            address = next.withoutUserInfo
        }
        throw HTTPError(.redirects(Self.redirectLimit), at: first)
    }
}

extension RegistrySession {
    func error(_ reason: RegistryError.Reason, _ call: RegistryCall, said: String? = nil) -> RegistryError {
        var error = RegistryError(reason, registry: registry, repository: call.scope.repository, target: call.target)
        error.said = said
        return error
    }

    private func error(_ failure: TemporaryFailure, _ call: RegistryCall, attempts: Int) -> RegistryError {
        var error = error(.network(failure.error), call)
        switch failure.error.reason {
        case .status(429): error.reason = .tooManyRequests(after: failure.pause)
        case .status(let code): error.reason = .status(code)
        default:
            var inner = failure.error
            inner.attempts = attempts
            error.reason = .network(inner)
        }
        error.attempts = attempts
        error.url = failure.error.url
        return error
    }

    private func unauthorized(_ proof: Proof?, _ call: RegistryCall, _ said: String?) -> RegistryError {
        guard let proof, proof.isSomebody else { return error(.credentialsMissing, call) }
        return error(.credentialsRefused(user: proof.user), call, said: said)
    }

    /// The error of an answer that nobody expected. Reads its body.
    func unexpected(_ response: HTTPTransport.Response, _ call: RegistryCall, at host: RegistryHost) async -> RegistryError {
        let bytes = (try? await response.collect(limit: 64 << 10)) ?? []
        let body = RegistryErrorBody.read(bytes)
        let codes = Set(body?.codes ?? [])
        let reason: RegistryError.Reason
        switch response.status {
        case 403: reason = .forbidden(user: await authenticator.proof(for: host, call.scope)?.user)
        case 404 where codes.contains("NAME_UNKNOWN"): reason = .repositoryUnknown
        case 404 where codes.contains("MANIFEST_UNKNOWN") || call.path.contains("/manifests/"): reason = .manifestUnknown
        case 200..<300: reason = .malformed("\(response.status) where that means nothing")
        default: reason = .status(response.status)
        }
        var error = error(reason, call, said: body?.said)
        if codes.isSubset(of: ["MANIFEST_UNKNOWN", "NAME_UNKNOWN"]), reason == .manifestUnknown || reason == .repositoryUnknown { error.said = nil }
        error.url = response.address.redacted
        return error
    }
}

/// Which of http and https the loopback hosts speak that nobody configured, each found out once.
actor SchemeGuesses {
    private var known: [String: String] = [:]

    /// The host as it can be spoken to.
    func settled(_ host: RegistryHost, through transport: HTTPTransport) async throws -> RegistryHost {
        guard host.isGuessed else { return host }
        var settled = host
        settled.isGuessed = false
        if let scheme = known[host.address.authority] {
            settled.address.scheme = scheme
        } else {
            settled.address.scheme = "http"
            if try await !speaks(settled, transport) {
                var secure = settled
                secure.address.scheme = "https"
                // As docker has it for this machine itself.
                secure.security.skipsVerification = true
                if let response = try? await transport.send(Self.ping(secure), security: secure.security) {
                    await response.drain()
                    settled = secure
                }
            }
            known[host.address.authority] = settled.address.scheme
        }
        if settled.address.scheme == "https" { settled.security.skipsVerification = true }
        return settled
    }

    private static func ping(_ host: RegistryHost) -> HTTPTransport.Request { HTTPTransport.Request(method: .GET, address: host.url("")) }

    /// Whether plain http is understood. What the host is after that is nothing to us.
    private func speaks(_ host: RegistryHost, _ transport: HTTPTransport) async throws -> Bool {
        let response: HTTPTransport.Response
        do { response = try await transport.send(Self.ping(host), security: host.security) } catch let failure as TemporaryFailure {
            // TLS servers hang up on plain requests, or answer with an alert that is no HTTP.
            if case .lost = failure.error.reason { return false }
            throw failure
        }
        guard response.status == 400 else {
            await response.drain()
            return true
        }
        let words = String(decoding: try await response.collect(limit: 4096) ?? [], as: UTF8.self)
        return !words.contains("HTTPS")
    }
}
