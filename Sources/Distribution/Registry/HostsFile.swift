import OCI
import SystemPackage

/// containerd's `hosts.toml`: a server, and hosts that are asked before it (containerd docs/hosts.md). Keys that only
/// containerd understands are passed over.
struct HostsFile {
    private let root: TOMLTable
    private let directory: FilePath

    /// - Parameter directory: relative file names start there.
    init(text: String, directory: FilePath) throws(TOMLError) {
        root = try TOMLTable(parsing: text)
        self.directory = directory
    }

    /// - Parameter standard: the registry as it is without configuration.
    func hosts(_ standard: RegistryHost) throws(TOMLError) -> [RegistryHost] {
        var hosts: [RegistryHost] = []
        if let table = try root.table("host") {
            for name in table.order {
                guard let entry = try table.table(name) else { continue }
                hosts.append(try host(name, entry, standard, line: table.line(name)))
            }
        }
        var last = standard
        if let server = try root.string("server") {
            last.address = try Self.address(server, line: root.line("server"))
            last.isGuessed = false
        }
        last = try settings(root, of: last)
        // A host that names the server itself takes its place.
        if !hosts.contains(where: { $0.address.origin == last.address.origin && $0.address.path == last.address.path }) {
            hosts.append(last)
        }
        return hosts
    }

    private func host(_ name: String, _ table: TOMLTable, _ standard: RegistryHost, line: Int) throws(TOMLError) -> RegistryHost {
        var host = RegistryHost(address: try Self.address(name, line: line))
        if host.address.authority == standard.address.authority { host.credentialName = standard.credentialName }
        host = try settings(table, of: host)
        if let names = try table.strings("capabilities") {
            host.capabilities = []
            for name in names {
                guard let capability = RegistryHost.Capability(rawValue: name) else {
                    throw TOMLError(line: table.line("capabilities"), message: "there is no capability \"\(name)\": pull, resolve and push are")
                }
                host.capabilities.insert(capability)
            }
        }
        return host
    }

    private func settings(_ table: TOMLTable, of host: RegistryHost) throws(TOMLError) -> RegistryHost {
        var host = host
        host.overridesPath = try table.bool("override_path") ?? false
        host.security.skipsVerification = try table.bool("skip_verify") ?? false
        host.security.authorities = (try table.strings("ca") ?? []).map(path)
        if let pairs = try table.pairs("client"), let first = pairs.first {
            host.security.client = .init(certificate: path(first[0]), key: path(first.count > 1 ? first[1] : first[0]))
        }
        if let headers = try table.table("header") {
            for name in headers.order {
                for value in try headers.strings(name) ?? [] { host.headers.append(.init(name: name, value: value)) }
            }
        }
        if host.security != TransportSecurity(), host.isGuessed {
            host.address.scheme = "https"
            host.isGuessed = false
        }
        return host
    }

    private func path(_ name: String) -> String { directory.pushing(FilePath(name)).string }

    /// A host without a scheme speaks https.
    private static func address(_ text: String, line: Int) throws(TOMLError) -> WebAddress {
        let full = text.contains("://") ? text : "https://" + text
        guard let address = WebAddress(parsing: full), ["http", "https"].contains(address.scheme), address.userInfo == nil,
            address.query == nil
        else { throw TOMLError(line: line, message: "\"\(text)\" is not an http or https address") }
        return address
    }
}
