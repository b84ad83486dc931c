import OCI

/// What a request may do, in the words of token servers (distribution's token authentication, "scope").
struct RegistryScope: Sendable, Hashable {
    var repository: String?
    var actions = "pull"
    /// Repositories that blobs are mounted from.
    var sources: [String] = []

    var texts: [String] {
        guard let repository else { return [] }
        return ["repository:\(repository):\(actions)"] + sources.sorted().map { "repository:\($0):pull" }
    }
}

/// How a request proves who asks, and for whom.
struct Proof: Sendable, Hashable {
    var header: String
    /// nil: nobody in particular.
    var user: String?
    /// Whether somebody's credentials are behind it.
    var isSomebody: Bool
}

/// Answers the challenges of registries, and remembers the answers: a token a scope until it expires.
actor Authenticator {
    private struct Key: Hashable {
        var origin: String
        var scopes: [String]
    }
    private struct Token {
        var proof: Proof
        var expires: Duration
    }

    private let credentials: CredentialStore
    private let transport: HTTPTransport
    private let now: @Sendable () -> Duration
    private var tokens: [Key: Token] = [:]
    /// By origin: proofs that do not depend on the scope.
    private var standing: [String: Proof] = [:]

    init(credentials: CredentialStore, transport: HTTPTransport, now: @escaping @Sendable () -> Duration) {
        self.credentials = credentials
        self.transport = transport
        self.now = now
    }

    /// What answered the host before; nil when nothing did, or it is no longer good.
    func proof(for host: RegistryHost, _ scope: RegistryScope) -> Proof? {
        if let proof = standing[host.address.origin] { return proof }
        guard let token = tokens[Key(origin: host.address.origin, scopes: scope.texts)], token.expires > now() else { return nil }
        return token.proof
    }

    /// Answers a 401. Throws `RegistryError`, `CredentialError`, `TemporaryFailure`; nil when we have nothing to answer
    /// with.
    func answer(_ challenges: [Challenge], of host: RegistryHost, registry: String, _ scope: RegistryScope) async throws -> Proof? {
        let found = try await credentials.credentials(
            for: CredentialNames(registry: host.credentialName, repository: scope.repository ?? ""))
        // Tokens first: they do not send the password to the registry itself.
        if let challenge = challenges.first(where: { $0.scheme == "bearer" }) {
            if case .registryToken = found, let header = found?.header {
                return keep(Proof(header: header, user: nil, isSomebody: true), for: host)
            }
            return try await token(for: challenge, host: host, registry: registry, scope, found)
        }
        if challenges.contains(where: { $0.scheme == "basic" }) {
            guard let found, let header = found.header else { return nil }
            return keep(Proof(header: header, user: found.user, isSomebody: true), for: host)
        }
        return nil
    }

    private func keep(_ proof: Proof, for host: RegistryHost) -> Proof {
        standing[host.address.origin] = proof
        return proof
    }

    private func token(
        for challenge: Challenge, host: RegistryHost, registry: String, _ scope: RegistryScope, _ credentials: Credentials?
    ) async throws -> Proof {
        let server = try TokenServer(challenge, host: host, registry: registry, isSecret: credentials != nil)
        // What the registry asks for may be more than we thought it takes.
        let asked = (challenge.parameters["scope"] ?? "").split(separator: " ").map(String.init)
        let scopes = scope.texts + asked.filter { !scope.texts.contains($0) }
        let token = try await server.token(for: scopes, credentials, through: transport)
        let proof = Proof(header: "Bearer " + token.text, user: credentials?.user, isSomebody: credentials != nil)
        tokens[Key(origin: host.address.origin, scopes: scope.texts)] = Token(proof: proof, expires: now() + token.lifetime)
        return proof
    }
}
