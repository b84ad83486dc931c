import HostSystem
import OCI
package import SystemPackage

/// How registries are reached, by directories in the style of containerd's and docker's `certs.d`: one directory a
/// registry, with a `hosts.toml`, or with authorities (`*.crt`) and client certificates (`*.cert`, `*.key`) alone.
package struct RegistryHosts: Sendable {
    /// The first that has an entry for a registry decides.
    package var directories: [FilePath]

    package init(directories: [FilePath] = []) { self.directories = directories }

    /// Where the field keeps them.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let configuration = value("XDG_CONFIG_HOME").map { FilePath($0) } ?? value("HOME").map { FilePath($0).appending(".config") }
        directories =
            (configuration.map { [$0.appending("jettison"), $0.appending("containers")] } ?? []).map { $0.appending("certs.d") }
            + ["/etc/jettison/certs.d", "/etc/containerd/certs.d", "/etc/docker/certs.d", "/etc/containers/certs.d"]
    }

    /// Whom to ask for content of a registry, in this order; the registry itself comes last. Throws `RegistryError`.
    func hosts(for registry: String) throws -> [RegistryHost] {
        guard let standard = RegistryHost.standard(for: registry) else {
            throw RegistryError(.configuration("\"\(registry)\" is no host"), registry: registry)
        }
        guard let directory = directory(for: registry) else { return [standard] }
        do {
            let names = try Directory(opening: directory).entries().map(\.name.string).sorted()
            if names.contains("hosts.toml") {
                let bytes = try Directory(opening: directory).readFile(at: "hosts.toml", limit: 1 << 20)
                return try HostsFile(text: String(decoding: bytes, as: UTF8.self), directory: directory).hosts(standard)
            }
            return [try Self.secured(standard, by: names, in: directory)]
        } catch let error as TOMLError {
            throw RegistryError(
                .configuration("\(directory.appending("hosts.toml")):\(error.line): \(error.message)"), registry: registry)
        } catch let error as SystemError { throw RegistryError(.configuration("\(error)"), registry: registry) }
    }

    private func directory(for registry: String) -> FilePath? {
        // containerd's other spelling of `host:port`, for file systems without colons.
        let underscored = registry.lastIndex(of: ":").map { "\(registry[..<$0])_\(registry[$0...].dropFirst())_" }
        let names: [String] = [registry] + (underscored.map { [$0] } ?? []) + (registry == "docker.io" ? [] : ["_default"])
        for directory in directories {
            for name in names where name == FilePath(name).lastComponent?.string {
                let path = directory.appending(name)
                if (try? FileMetadata(at: path))?.kind == .directory { return path }
            }
        }
        return nil
    }

    /// docker's way: https with the certificates found.
    private static func secured(_ host: RegistryHost, by names: [String], in directory: FilePath) throws -> RegistryHost {
        var host = host
        host.security.authorities = names.filter { $0.hasSuffix(".crt") }.map { directory.appending($0).string }
        if let certificate = names.first(where: { $0.hasSuffix(".cert") }) {
            let key = certificate.dropLast(5) + ".key"
            guard names.contains(String(key)) else {
                throw RegistryError(
                    .configuration("\(directory) has \(certificate), but no \(key)"), registry: host.credentialName)
            }
            host.security.client = .init(
                certificate: directory.appending(certificate).string, key: directory.appending(String(key)).string)
        }
        if host.security != TransportSecurity() {
            host.address.scheme = "https"
            host.isGuessed = false
        }
        return host
    }
}
