import HostSystem

/// The last lines a process printed. Written from the runtime's thread, read when it has ended.
final class OutputTail: Sendable {
    static let lineLimit = 20
    static let byteLimit = 16 << 10
    private let bytes = Monitor<[UInt8]>([])

    func append(_ more: [UInt8]) {
        bytes.with { bytes in
            bytes += more
            if bytes.count > 2 * Self.byteLimit { bytes.removeFirst(bytes.count - Self.byteLimit) }
        }
    }

    /// At most `lineLimit` lines, terminal control sequences left out.
    var lines: [String] {
        let text = bytes.with { String(decoding: $0, as: UTF8.self) }
        let printable = text.unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.value >= 32 }
        var lines = String(String.UnicodeScalarView(printable)).split(separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.suffix(Self.lineLimit).map(String.init)
    }
}
