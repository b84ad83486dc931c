import Diagnostics

/// `--name` or `--name=value` before an instruction's arguments.
struct ScannedFlag {
    var range: Range<Int>
    var name: String
    /// Of `--name`.
    var nameRange: Range<Int>
    /// nil when there is no `=`. Quotes and escapes are already taken away, as this language does for flags.
    var value: Word?
    var valueRange: Range<Int>?
}

/// Takes the flags off the front of an instruction's arguments: words that begin with two hyphens, up to the first that
/// does not, or to `--` alone.
struct FlagScanner {
    let text: MappedText
    let escape: UInt8

    func scan(_ range: Range<Int>) -> ([ScannedFlag], rest: Range<Int>) {
        let bytes = text.bytes
        var flags: [ScannedFlag] = []
        var index = range.lowerBound
        while true {
            while case let length = bytes.spaceLength(at: index, before: range.upperBound), length > 0 { index += length }
            guard index + 1 < range.upperBound, bytes[index] == .hyphen, bytes[index + 1] == .hyphen else { break }
            let end = endOfWord(from: index, before: range.upperBound)
            if end - index == 2 {
                index = end
                break
            }
            flags.append(flag(index..<end))
            index = end
        }
        return (flags, bytes.trimmed(index..<range.upperBound))
    }

    private func endOfWord(from start: Int, before end: Int) -> Int {
        let bytes = text.bytes
        var index = start
        var quote: UInt8?
        while index < end {
            let byte = bytes[index]
            if byte == .backslash {
                index += 2
                continue
            }
            if quote == nil, bytes.spaceLength(at: index, before: end) > 0 { break }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            }
            index += 1
        }
        return min(index, end)
    }

    private func flag(_ range: Range<Int>) -> ScannedFlag {
        let bytes = text.bytes
        let equals = range.first { bytes[$0] == .equals }
        let nameRange = range.lowerBound..<(equals ?? range.upperBound)
        var flag = ScannedFlag(
            range: range, name: text.text(nameRange.lowerBound + 2..<nameRange.upperBound), nameRange: nameRange)
        guard let equals else { return flag }
        let valueRange = equals + 1..<range.upperBound
        flag.valueRange = valueRange
        flag.value = text.word(keeping: unquoted(valueRange), of: valueRange, escape: escape)
        return flag
    }

    /// The parts of a value that are left without its quotes and escapes.
    private func unquoted(_ range: Range<Int>) -> [Range<Int>] {
        let bytes = text.bytes
        var kept: [Range<Int>] = []
        var quote: UInt8?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == .backslash {
                // A trailing one escapes nothing and goes as well.
                if index + 1 < range.upperBound { kept.append(index + 1..<index + 2) }
                index += 2
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            } else {
                kept.append(index..<index + 1)
            }
            index += 1
        }
        return kept
    }
}
