/// Reads the text of a `TOMLTable`.
struct TOMLScanner {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private static let depthLimit = 16

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func table() throws(TOMLError) -> TOMLTable {
        var root = TOMLTable()
        var prefix: [String] = []
        while true {
            skipLines()
            guard let byte = peek else { return root }
            if byte == UInt8(ascii: "[") {
                index += 1
                guard peek != UInt8(ascii: "[") else { throw fail("arrays of tables are not known here") }
                prefix = try keys(until: UInt8(ascii: "]"))
                try root.define(prefix[...], line: line)
            } else {
                let start = line
                let path = prefix + (try keys(until: UInt8(ascii: "=")))
                guard path.count <= Self.depthLimit else { throw fail("tables are nested too deeply") }
                skipBlanks()
                try root.set(path[...], to: try value(depth: 0), line: start)
            }
            try endLine()
        }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }
    private func fail(_ message: String) -> TOMLError { TOMLError(line: line, message: message) }

    private mutating func skipBlanks() { while let byte = peek, byte == 32 || byte == 9 { index += 1 } }

    /// Blanks, comments and line ends.
    private mutating func skipLines() {
        while let byte = peek {
            switch byte {
            case 32, 9, 13: index += 1
            case 10:
                line += 1
                index += 1
            case UInt8(ascii: "#"): while let byte = peek, byte != 10 { index += 1 }
            default: return
            }
        }
    }

    private mutating func endLine() throws(TOMLError) {
        skipBlanks()
        guard let byte = peek else { return }
        guard byte == 10 || byte == 13 || byte == UInt8(ascii: "#") else { throw fail("a line break is missing here") }
    }

    /// Dotted keys and the byte after them.
    private mutating func keys(until end: UInt8) throws(TOMLError) -> [String] {
        var keys: [String] = []
        while true {
            skipBlanks()
            guard let byte = peek else { throw fail("the line ends too early") }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                keys.append(try string())
            } else {
                let start = index
                while let byte = peek, Self.isBare(byte) { index += 1 }
                guard start < index else { throw fail("a key is made of letters, digits, '_' and '-', or stands in quotes") }
                keys.append(String(decoding: bytes[start..<index], as: UTF8.self))
            }
            guard keys.count <= Self.depthLimit else { throw fail("tables are nested too deeply") }
            skipBlanks()
            guard let byte = peek, byte == end || byte == UInt8(ascii: ".") else {
                throw fail("'\(Character(Unicode.Scalar(end)))' is missing here")
            }
            index += 1
            if byte == end { return keys }
        }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private mutating func value(depth: Int) throws(TOMLError) -> TOMLTable.Value {
        guard depth < Self.depthLimit else { throw fail("lists are nested too deeply") }
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string())
        case UInt8(ascii: "["): return try array(depth: depth)
        default: break
        }
        let start = index
        while let byte = peek, Self.isBare(byte) { index += 1 }
        switch String(decoding: bytes[start..<index], as: UTF8.self) {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case let word: throw fail("\"\(word)\" is no value that is known here: strings, true, false and lists are")
        }
    }

    private mutating func array(depth: Int) throws(TOMLError) -> TOMLTable.Value {
        index += 1
        var items: [TOMLTable.Value] = []
        while true {
            skipLines()
            if peek == UInt8(ascii: "]") { break }
            items.append(try value(depth: depth + 1))
            skipLines()
            if peek == UInt8(ascii: ",") { index += 1 } else { break }
        }
        skipLines()
        guard peek == UInt8(ascii: "]") else { throw fail("the list has no end") }
        index += 1
        return .array(items)
    }

    private mutating func string() throws(TOMLError) -> String {
        let quote = bytes[index]
        index += 1
        var result: [UInt8] = []
        while let byte = peek, byte != 10 {
            index += 1
            if byte == quote { return String(decoding: result, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") else {
                result.append(byte)
                continue
            }
            try appendEscape(to: &result)
        }
        throw fail("the string has no end")
    }

    private mutating func appendEscape(to result: inout [UInt8]) throws(TOMLError) {
        guard let escape = peek else { throw fail("the string has no end") }
        index += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(escape)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = escape == UInt8(ascii: "u") ? 4 : 8
            guard index + count <= bytes.count,
                let code = UInt32(String(decoding: bytes[index..<index + count], as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(code)
            else { throw fail("this is no character of Unicode") }
            index += count
            result += Array(String(Character(scalar)).utf8)
        default: throw fail("'\\\(Character(Unicode.Scalar(escape)))' is no escape of TOML")
        }
    }
}
