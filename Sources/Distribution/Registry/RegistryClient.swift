package import OCI

/// The client of registries (OCI distribution-spec v1.1, docker registry v2). Starts nothing until it is asked for
/// something.
package struct RegistryClient: Sendable {
    package struct Settings: Sendable {
        package var network = NetworkSettings()
        package var credentials = CredentialStore()
        package var hosts = RegistryHosts()
        package var retry = RetryPolicy()
        /// Blobs longer than this are sent in pieces of this size; nil: in one, unless the registry refuses that.
        package var chunkSize: Int64?

        package init() {}

        /// What the variables of a process say.
        package init(environment: [String: String], userAgent: String) {
            network = NetworkSettings(environment: environment, userAgent: userAgent)
            credentials = CredentialStore(environment: environment)
            hosts = RegistryHosts(environment: environment)
        }
    }

    package let settings: Settings
    private let transport: HTTPTransport
    private let authenticator: Authenticator
    private let guesses = SchemeGuesses()

    package init(settings: Settings) {
        self.settings = settings
        transport = HTTPTransport(settings: settings.network)
        authenticator = Authenticator(credentials: settings.credentials, transport: transport, now: settings.retry.now)
    }

    package func repository(of reference: Reference) -> RegistryRepository {
        RegistryRepository(
            registry: reference.registry, name: reference.repository, settings: settings, session: session(reference.registry))
    }

    private func session(_ registry: String) -> RegistrySession {
        RegistrySession(
            registry: registry, transport: transport, authenticator: authenticator, guesses: guesses, retry: settings.retry)
    }

    /// Whether a registry takes these credentials. Throws `RegistryError` when it does not.
    package func check(_ credentials: Credentials, for registry: String) async throws {
        var own = settings
        own.credentials = CredentialStore(fixed: credentials)
        let client = RegistryClient(settings: own)
        try await client.ping(registry)
    }

    private func ping(_ registry: String) async throws {
        guard let host = try settings.hosts.hosts(for: registry).last else { return }
        let call = RegistryCall()
        let session = session(registry)
        let response = try await session.send(call, to: host)
        guard response.status == 200 else { throw await session.unexpected(response, call, at: host) }
        await response.drain()
    }
}
