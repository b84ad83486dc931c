package import OCI

/// One server that can be asked for a registry's content: the registry itself, or a mirror of it.
package struct RegistryHost: Sendable, Hashable {
    package enum Capability: String, Sendable, Hashable, CaseIterable { case pull, resolve, push }

    /// Scheme, host, port, and what stands before `/v2/` when anything does.
    package var address: WebAddress
    package var capabilities = Set(Capability.allCases)
    package var security = TransportSecurity()
    /// Sent with every request to it.
    package var headers: [Header] = []
    /// The address's path stands in the place of `/v2`.
    package var overridesPath = false
    /// Under which name credentials for it are kept.
    package var credentialName: String
    /// Nobody said how it is reached: http and https are tried.
    package var isGuessed = false

    package struct Header: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package init(address: WebAddress, credentialName: String? = nil) {
        self.address = address
        self.credentialName = credentialName ?? address.authority
    }

    /// The address of a part of the protocol, `v2/` included.
    func url(_ path: String, query: String? = nil) -> WebAddress {
        var result = address
        var prefix = address.path
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if !overridesPath, !prefix.hasSuffix("/v2") { prefix += "/v2" }
        result.path = prefix + "/" + path
        result.query = query
        return result
    }

    /// What is reached for a registry that nobody configured. Loopback hosts speak http until they prove to speak https,
    /// as docker has it for 127.0.0.0/8.
    static func standard(for registry: String) -> RegistryHost? {
        if registry == "docker.io" {
            return WebAddress(parsing: "https://registry-1.docker.io").map { RegistryHost(address: $0, credentialName: registry) }
        }
        let isLoopback = isLoopback(registry)
        guard let address = WebAddress(parsing: (isLoopback ? "http://" : "https://") + registry) else { return nil }
        var host = RegistryHost(address: address, credentialName: registry)
        host.isGuessed = isLoopback
        return host
    }

    static func isLoopback(_ registry: String) -> Bool {
        guard let host = WebAddress(parsing: "http://" + registry)?.host else { return false }
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Whom to trust and how to prove oneself on the way to a host.
package struct TransportSecurity: Sendable, Hashable {
    /// PEM files with authorities to trust besides the usual ones.
    package var authorities: [String] = []
    package var client: ClientCertificate?
    /// Certificates are not looked at.
    package var skipsVerification = false

    package struct ClientCertificate: Sendable, Hashable {
        package var certificate: String
        /// The same file may hold both.
        package var key: String
        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package init() {}
}
