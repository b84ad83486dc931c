/// Turns pieces of a process's output into lines that are safe to show.
///
/// A line that is rewritten with carriage returns counts as what it said last. Control characters and escape
/// sequences are dropped: a build must not be able to move the cursor or retitle the window of who runs it.
struct OutputLines {
    private var pending: [UInt8] = []
    /// Longer lines are cut into pieces, so that a stream without line ends does not collect in memory.
    private static let limit = 64 << 10

    /// Whole lines that this piece completes.
    mutating func add(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || pending.count >= Self.limit {
                lines.append(Self.shown(pending))
                pending.removeAll(keepingCapacity: true)
                if byte == UInt8(ascii: "\n") { continue }
            }
            pending.append(byte)
        }
        return lines
    }

    /// What came after the last line end, as it stands.
    var unfinished: String? { pending.isEmpty ? nil : Self.shown(pending) }

    /// The last line, when it had no end.
    mutating func finish() -> String? {
        defer { pending = [] }
        return unfinished
    }

    static func shown(_ bytes: [UInt8]) -> String {
        var line = bytes[...]
        while line.last == UInt8(ascii: "\r") { line.removeLast() }
        if let last = line.lastIndex(of: UInt8(ascii: "\r")) { line = line[(last + 1)...] }
        return clean(String(decoding: line, as: UTF8.self))
    }

    /// Without escape sequences and control characters; tabs become spaces.
    static func clean(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else { return text }
        var kept = String.UnicodeScalarView()
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar.value {
            case 0x1B: skipEscape(&scalars)
            case 0x09: kept.append(contentsOf: "    ".unicodeScalars)
            case 0..<0x20, 0x7F..<0xA0: break
            default: kept.append(scalar)
            }
        }
        return String(kept)
    }

    // ECMA-48: CSI ends with a byte from @ to ~; OSC and its kin with BEL or ST; others are one or two bytes.
    private static func skipEscape(_ scalars: inout String.UnicodeScalarView.Iterator) {
        guard let kind = scalars.next() else { return }
        switch kind {
        case "[":
            while let next = scalars.next(), !("@"..."~").contains(next) {}
        case "]", "P", "X", "^", "_":
            while let next = scalars.next(), next != "\u{07}" {
                if next == "\u{1B}" {
                    _ = scalars.next()
                    break
                }
            }
        case " "..."/": _ = scalars.next()
        default: break
        }
    }
}
