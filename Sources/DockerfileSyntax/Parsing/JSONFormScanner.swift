/// A string of an exec form, decoded.
struct JSONWord {
    var value: String
    /// Quotes included.
    var range: Range<Int>
}

/// Reads the exec form: a JSON array of strings that fills the rest of an instruction.
struct JSONFormScanner {
    enum Outcome {
        /// The text does not begin with `[`.
        case absent
        case strings([JSONWord])
        /// Valid JSON, but holds something else than strings there.
        case notStrings(Range<Int>)
        /// A whole array of strings, followed by text.
        case followedByText([JSONWord], Range<Int>)
        /// Not JSON from there on.
        case broken(Range<Int>, Problem)
    }

    enum Problem {
        case singleQuotes, typographicQuotes, trailingComma, missingComma, unknownEscape, unterminatedString
        case unterminatedArray, other
    }

    private let bytes: [UInt8]
    private let end: Int
    private var index: Int
    private var words: [JSONWord] = []
    private var firstOther: Range<Int>?

    private struct Stop: Error {
        var range: Range<Int>
        var problem: Problem
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
    }

    static func scan(_ bytes: [UInt8], in range: Range<Int>) -> Outcome {
        var scanner = JSONFormScanner(bytes, bytes.trimmed(range))
        guard scanner.index < scanner.end, bytes[scanner.index] == .openBracket else { return .absent }
        do {
            try scanner.array()
        } catch {
            return .broken(error.range, error.problem)
        }
        let trailing = bytes.trimmed(scanner.index..<scanner.end)
        if !trailing.isEmpty { return .followedByText(scanner.words, trailing) }
        if let other = scanner.firstOther { return .notStrings(other) }
        return .strings(scanner.words)
    }

    private mutating func array() throws(Stop) {
        index += 1
        skipSpace()
        if peek == .closeBracket {
            index += 1
            return
        }
        while true {
            try element()
            skipSpace()
            guard let next = peek else { throw Stop(range: end..<end, problem: .unterminatedArray) }
            index += 1
            if next == .closeBracket { return }
            guard next == .comma else {
                throw Stop(range: index - 1..<index, problem: next == .quote ? .missingComma : .other)
            }
            let comma = index - 1
            skipSpace()
            if peek == .closeBracket { throw Stop(range: comma..<comma + 1, problem: .trailingComma) }
        }
    }

    private mutating func element() throws(Stop) {
        let start = index
        if peek == .quote {
            let value = try string()
            words.append(JSONWord(value: value, range: start..<index))
        } else {
            try otherValue(depth: 0)
            firstOther = firstOther ?? start..<index
        }
    }

    private mutating func string() throws(Stop) -> String {
        let start = index
        index += 1
        var value: [UInt8] = []
        while index < end {
            let byte = bytes[index]
            switch byte {
            case .quote:
                index += 1
                return String(decoding: value, as: UTF8.self)
            case .backslash:
                value.append(contentsOf: Array(String(try escapedScalar()).utf8))
            case 0..<0x20:
                throw Stop(range: index..<index + 1, problem: .other)
            default:
                value.append(byte)
                index += 1
            }
        }
        throw Stop(range: start..<end, problem: .unterminatedString)
    }

    private mutating func escapedScalar() throws(Stop) -> Character {
        let start = index
        index += 1
        guard let kind = peek else { throw Stop(range: start..<end, problem: .unterminatedString) }
        index += 1
        switch kind {
        case .quote, .backslash, UInt8(ascii: "/"): return Character(UnicodeScalar(kind))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try unicodeScalar(from: start))
        default: throw Stop(range: start..<index, problem: .unknownEscape)
        }
    }

    /// `uXXXX`, and a second one when the first is half of a pair. Lone halves become U+FFFD.
    private mutating func unicodeScalar(from start: Int) throws(Stop) -> UnicodeScalar {
        guard let first = hexadecimal() else { throw Stop(range: start..<min(index, end), problem: .unknownEscape) }
        if (0xD800..<0xDC00).contains(first), bytes.matches("\\u", at: index) {
            let held = index
            index += 2
            if let second = hexadecimal(), (0xDC00..<0xE000).contains(second) {
                return UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
            }
            index = held
        }
        return UnicodeScalar(first) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() -> UInt32? {
        guard index + 4 <= end, let text = String(validating: bytes[index..<index + 4], as: UTF8.self),
            text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16)
        else { return nil }
        index += 4
        return value
    }

    /// Any other JSON value, only to know whether the array is well formed.
    private mutating func otherValue(depth: Int) throws(Stop) {
        let start = index
        guard let first = peek, depth < 32 else { throw Stop(range: index..<min(index + 1, end), problem: problem(at: index)) }
        if first == .quote {
            _ = try string()
        } else if first == .openBracket || first == UInt8(ascii: "{") {
            try container(depth: depth)
        } else {
            while let byte = peek, byte.isLetter || byte.isDigit || byte == .hyphen || byte == 0x2B || byte == 0x2E {
                index += 1
            }
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            let isNumber = Double(text) != nil && (first.isDigit || first == .hyphen)
            guard ["true", "false", "null"].contains(text) || isNumber else {
                throw Stop(range: start..<max(index, min(start + 1, end)), problem: problem(at: start))
            }
        }
    }

    private mutating func container(depth: Int) throws(Stop) {
        let isObject = peek != .openBracket
        let close = isObject ? UInt8(ascii: "}") : UInt8.closeBracket
        index += 1
        skipSpace()
        if peek == close {
            index += 1
            return
        }
        while true {
            if isObject {
                guard peek == .quote else { throw Stop(range: index..<min(index + 1, end), problem: .other) }
                _ = try string()
                skipSpace()
                guard peek == UInt8(ascii: ":") else { throw Stop(range: index..<min(index + 1, end), problem: .other) }
                index += 1
                skipSpace()
            }
            try otherValue(depth: depth + 1)
            skipSpace()
            let next = peek
            index = min(index + 1, end)
            if next == close { return }
            guard next == .comma else { throw Stop(range: max(0, index - 1)..<index, problem: .other) }
            skipSpace()
        }
    }

    private func problem(at index: Int) -> Problem {
        guard index < end else { return .unterminatedArray }
        if bytes[index] == .apostrophe { return .singleQuotes }
        return Typography.isQuote(bytes, at: index) ? .typographicQuotes : .other
    }

    private var peek: UInt8? { index < end ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }
}
