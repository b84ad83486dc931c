import HostSystem
import SystemPackage

/// The texts of /etc/resolv.conf and /etc/hosts in a container. They are bound over the root's own files, so they
/// never enter a layer.
enum NameFiles {
    /// - Parameters:
    ///   - host: the host's file, nil when it has none.
    ///   - upstream: what the host's local resolver itself asks (systemd-resolved writes that down).
    /// With the host's network a resolver on the loopback address answers; without it nothing is there.
    static func resolver(host: String?, upstream: String?, network: ContainerProcess.Network) -> String {
        let text = host ?? ""
        guard network != .host, isLocalOnly(text), let upstream, !isLocalOnly(upstream) else { return text }
        return upstream
    }

    static func resolver(network: ContainerProcess.Network) -> String {
        resolver(
            host: text("/etc/resolv.conf"), upstream: text("/run/systemd/resolve/resolv.conf"), network: network)
    }

    private static func isLocalOnly(_ text: String) -> Bool {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> Substring? in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.count > 1 && words[0] == "nameserver" ? words[1] : nil
        }
        return servers.allSatisfy { $0.hasPrefix("127.") || $0 == "::1" }
    }

    /// With the host's network its names are the container's as well, as `docker run --network host` has it.
    static func hosts(for process: ContainerProcess, host: String?) throws(RuntimeError) -> String {
        var text = "127.0.0.1\tlocalhost \(process.hostname)\n"
        text += "::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\n"
        text += "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
        for entry in process.extraHosts {
            let (name, address) = try parse(entry)
            text += "\(address)\t\(name)\n"
        }
        guard process.network == .host, let host else { return text }
        for line in host.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, !words.dropFirst().allSatisfy({ $0 == "localhost" || $0.hasPrefix("ip6-") }) else {
                continue
            }
            text += words.joined(separator: "\t") + "\n"
        }
        return text
    }

    static func hosts(for process: ContainerProcess) throws(RuntimeError) -> String {
        try hosts(for: process, host: text("/etc/hosts"))
    }

    /// `name:address` or `name=address`; an address of version 6 may stand in brackets.
    private static func parse(_ entry: String) throws(RuntimeError) -> (name: Substring, address: Substring) {
        guard let separator = entry.firstIndex(where: { $0 == ":" || $0 == "=" }) else { throw .badHost(entry) }
        let name = entry[..<separator]
        var address = entry[entry.index(after: separator)...]
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        // The host itself, which is this side of the loopback device when its network is shared.
        if address == "host-gateway" { address = "127.0.0.1" }
        let isAddress = !address.isEmpty && address.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
        guard !name.isEmpty, isAddress, !name.contains(where: \.isWhitespace) else { throw .badHost(entry) }
        return (name, address)
    }

    private static func text(_ path: FilePath) -> String? {
        guard let bytes = try? File(opening: path).readAll(limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
