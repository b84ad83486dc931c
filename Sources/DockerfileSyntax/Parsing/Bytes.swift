// What the language calls white space: instructions split their words at ASCII blanks, while trimming and the
// quoted words of ENV, LABEL and ARG know Unicode's spaces too (as the reference implementation does).

extension UInt8 {
    static let newline = UInt8(ascii: "\n")
    static let hash = UInt8(ascii: "#")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let dollar = UInt8(ascii: "$")
    static let equals = UInt8(ascii: "=")
    static let hyphen = UInt8(ascii: "-")
    static let comma = UInt8(ascii: ",")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")

    /// Tab, vertical tab, form feed, carriage return, space.
    var isBlank: Bool { self == 0x20 || self == 0x09 || (0x0B...0x0D).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

extension Array<UInt8> {
    /// The length in bytes of the Unicode space at an index; 0 when there is none.
    func spaceLength(at index: Int, before end: Int) -> Int {
        guard index < end else { return 0 }
        let first = self[index]
        if first.isBlank || first == .newline { return 1 }
        if first == 0xC2, index + 1 < end { return self[index + 1] == 0x85 || self[index + 1] == 0xA0 ? 2 : 0 }
        guard first >= 0xE1, first <= 0xE3, index + 2 < end else { return 0 }
        switch (first, self[index + 1], self[index + 2]) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return 3
        case (0xE2, 0x80, let third): return (0x80...0x8A).contains(third) || [0xA8, 0xA9, 0xAF].contains(third) ? 3 : 0
        default: return 0
        }
    }

    /// A range without the spaces at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while case let length = spaceLength(at: start, before: range.upperBound), length > 0 { start += length }
        var end = range.upperBound
        trailing: while end > start {
            for length in 1...3 where end - length >= start && spaceLength(at: end - length, before: end) == length {
                end -= length
                continue trailing
            }
            break
        }
        return start..<end
    }

    /// Words between ASCII blanks.
    func plainWords(in range: Range<Int>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for index in range {
            if self[index].isBlank {
                if let begun = start { words.append(begun..<index) }
                start = nil
            } else if start == nil {
                start = index
            }
        }
        if let begun = start { words.append(begun..<range.upperBound) }
        return words
    }

    /// Words between spaces, where quotes and the escape character keep spaces inside a word.
    func quotedWords(in range: Range<Int>, escape: UInt8) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        var quote: UInt8?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = self[index]
            if quote == nil, case let length = spaceLength(at: index, before: range.upperBound), length > 0 {
                if let begun = start { words.append(begun..<index) }
                start = nil
                index += length
                continue
            }
            if start == nil { start = index }
            if byte == escape, quote != .apostrophe {
                index += 2
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            }
            index += 1
        }
        if let begun = start { words.append(begun..<range.upperBound) }
        return words
    }

    func matches(_ text: StaticString, at index: Int) -> Bool {
        text.withUTF8Buffer { index >= 0 && index + $0.count <= count && self[index..<index + $0.count].elementsEqual($0) }
    }
}
