package import OCI

/// How servers are reached: proxies and whom to trust. Values that the caller found in the environment.
package struct NetworkSettings: Sendable, Hashable {
    /// For http addresses and for https addresses: `http://[user:password@]host:port`, `socks5://…`, or `host:port`.
    package var httpProxy: String?
    package var httpsProxy: String?
    /// Hosts reached without one, as curl and Go read NO_PROXY.
    package var noProxy: [String]
    /// A PEM file with the only authorities to trust; nil: those of the host.
    package var certificateFile: String?
    package var userAgent: String

    package init(userAgent: String = "jettison") {
        noProxy = []
        self.userAgent = userAgent
    }

    /// From the variables that other programs read too. Lower case wins; an upper-case HTTP_PROXY is taken as Go does.
    package init(environment: [String: String], userAgent: String = "jettison") {
        self.init(userAgent: userAgent)
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        httpProxy = value("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
        httpsProxy = value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        noProxy = (value("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() }
        certificateFile = value("SSL_CERT_FILE")
    }

    /// A server in between.
    package struct Proxy: Hashable, Sendable {
        package var address: WebAddress
        package var isSOCKS: Bool { address.scheme.hasPrefix("socks") }
    }

    /// What stands between us and an address; nil for nothing.
    package func proxy(for address: WebAddress) throws(HTTPError) -> Proxy? {
        guard let text = address.scheme == "https" ? httpsProxy : httpProxy, !isDirect(address) else { return nil }
        let full = text.contains("://") ? text : "http://" + text
        guard let proxy = WebAddress(parsing: full), ["http", "socks5", "socks5h"].contains(proxy.scheme) else {
            throw HTTPError(.proxy("the proxy setting is not an http:// or socks5:// address"), at: address)
        }
        return Proxy(address: proxy)
    }

    private func isDirect(_ address: WebAddress) -> Bool {
        // As Go has it: this machine is never reached over another.
        if address.host == "localhost" || address.host == "::1" || address.host.hasPrefix("127.") { return true }
        let port = address.port ?? (address.scheme == "https" ? 443 : 80)
        return noProxy.contains { Self.matches($0, host: address.host, port: port) }
    }

    static func matches(_ pattern: String, host: String, port: Int) -> Bool {
        if pattern == "*" { return true }
        if let network = IPv4Network(parsing: pattern) { return network.contains(host) }
        var name = pattern[...]
        if let colon = pattern.lastIndex(of: ":"), let wanted = Int(pattern[pattern.index(after: colon)...]),
            pattern.filter({ $0 == ":" }).count == 1
        {
            guard wanted == port else { return false }
            name = pattern[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        if name.hasPrefix(".") { return host.hasSuffix(name) }
        return host == name || host.hasSuffix("." + name)
    }
}

/// `10.0.0.0/8`.
private struct IPv4Network {
    let address: UInt32
    let mask: UInt32

    init?(parsing text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let bits = UInt32(halves[1]), bits <= 32, let address = Self.value(halves[0]) else { return nil }
        mask = bits == 0 ? 0 : ~0 << (32 - bits)
        self.address = address & mask
    }

    func contains(_ host: String) -> Bool { Self.value(host[...]).map { $0 & mask == address } ?? false }

    private static func value(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, !parts.contains(nil) else { return nil }
        return parts.reduce(0) { $0 << 8 | UInt32($1 ?? 0) }
    }
}
