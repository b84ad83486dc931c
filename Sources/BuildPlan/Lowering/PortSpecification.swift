/// A port of EXPOSE: `80`, `80/udp`, `8000-8010`. An address and a port of the host before it (`127.0.0.1:8080:80`) are
/// read and have no effect.
struct PortSpecification {
    var ports: ClosedRange<UInt16>
    var transport: String
    /// Something of the host is named.
    var isMapping: Bool

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        isMapping = parts.count > 1
        let own = parts[parts.count - 1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        transport = own.count == 2 && !own[1].isEmpty ? own[1].lowercased() : "tcp"
        guard ["tcp", "udp", "sctp"].contains(transport), let ports = Self.range(own[0]) else { return nil }
        self.ports = ports
        guard isMapping else { return }
        let host = parts[parts.count - 2]
        if !host.isEmpty {
            // A range of the host may stand for one port of the container.
            guard let range = Self.range(host), range.count == ports.count || ports.count == 1 else { return nil }
        }
        guard Self.isAddress(parts.dropLast(2).joined(separator: ":")) else { return nil }
    }

    /// `80/tcp`, one for each port.
    var names: [String] { ports.map { "\($0)/\(transport)" } }

    /// The port or range alone.
    var written: String {
        (ports.count == 1 ? "\(ports.lowerBound)" : "\(ports.lowerBound)-\(ports.upperBound)") + "/" + transport
    }

    private static func range(_ text: Substring) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = number(ends[0]), let last = ends.count == 2 ? number(ends[1]) : first, first <= last
        else { return nil }
        return first...last
    }

    private static func number(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt16(text)
    }

    /// Nothing, four numbers, or something with colons in brackets or without.
    private static func isAddress(_ text: String) -> Bool {
        if text.isEmpty { return true }
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        if inner.contains(":") { return inner.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." || $0 == "%" } }
        let numbers = inner.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
    }
}
