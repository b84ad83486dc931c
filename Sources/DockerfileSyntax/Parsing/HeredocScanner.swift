import Diagnostics

/// `<<NAME` in an instruction, with its body once it was read.
struct ScannedHeredoc {
    /// Of the operator word in the instruction's text.
    var word: Range<Int>
    var heredoc: Heredoc
    /// The body as it stands in the file, tabs included.
    var rawContent: String = ""
    /// File offset past the line that closes it.
    var end: Int = 0
}

/// Finds heredoc operators: words of the form `[fd]<<[-]NAME`, where NAME may be quoted.
enum HeredocScanner {
    static let keywords: Set<String> = ["RUN", "COPY", "ADD"]

    static func operators(in range: Range<Int>, of text: MappedText) -> [ScannedHeredoc] {
        let bytes = text.bytes
        guard range.contains(where: { $0 + 1 < range.upperBound && bytes.matches("<<", at: $0) }),
            quotesAreClosed(range, bytes)
        else { return [] }
        return bytes.quotedWords(in: range, escape: .backslash).compactMap { parse($0, of: text) }
    }

    /// A shell reads no heredoc out of a line whose quotes are open, nor do we.
    private static func quotesAreClosed(_ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
        var quote: UInt8?
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == .backslash, quote != .apostrophe {
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
        return quote == nil
    }

    private static func parse(_ word: Range<Int>, of text: MappedText) -> ScannedHeredoc? {
        let bytes = text.bytes
        var index = word.lowerBound
        while index < word.upperBound, bytes[index].isDigit { index += 1 }
        let digits = text.text(word.lowerBound..<index)
        guard index + 1 < word.upperBound, bytes.matches("<<", at: index) else { return nil }
        index += 2
        let chomp = index < word.upperBound && bytes[index] == .hyphen
        if chomp { index += 1 }
        let written = index..<word.upperBound
        guard !written.isEmpty, !bytes[written].contains(UInt8(ascii: "<")) else { return nil }
        let (name, isQuoted) = unquoted(written, bytes)
        guard !name.isEmpty, let descriptor = digits.isEmpty ? 0 : Int(digits) else { return nil }
        return ScannedHeredoc(
            word: word,
            heredoc: Heredoc(
                name: name, content: "", expand: !isQuoted, chomp: chomp, descriptor: descriptor,
                range: text.range(word)))
    }

    private static func unquoted(_ range: Range<Int>, _ bytes: [UInt8]) -> (String, isQuoted: Bool) {
        var name: [UInt8] = []
        var quote: UInt8?
        var isQuoted = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == .backslash, quote != .apostrophe, index + 1 < range.upperBound {
                isQuoted = true
                name.append(bytes[index + 1])
                index += 2
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
                isQuoted = true
            } else {
                name.append(byte)
            }
            index += 1
        }
        return (String(decoding: name, as: UTF8.self), isQuoted)
    }
}

extension LineScanner {
    /// Reads the body of a heredoc, which begins on the next line; false when the file ends before it is closed.
    mutating func readBody(of scanned: inout ScannedHeredoc) -> Bool {
        let name = Array(scanned.heredoc.name.utf8)
        var raw: [UInt8] = []
        var content: [UInt8] = []
        var start: Int?
        var end = file.bytes.count
        while let (line, next) = takeRawLine() {
            start = start ?? line.lowerBound
            var text = file.bytes[line]
            if scanned.heredoc.chomp { text = text.drop { $0 == 0x09 } }
            if text.elementsEqual(name) {
                finish(&scanned, raw, content, (start ?? line.lowerBound)..<line.lowerBound, end: line.upperBound)
                return true
            }
            raw += file.bytes[line.lowerBound..<max(next, line.upperBound)]
            content += file.bytes[text.startIndex..<max(next, line.upperBound)]
            end = line.upperBound
        }
        finish(&scanned, raw, content, (start ?? end)..<max(start ?? end, end), end: end)
        return false
    }

    private func finish(
        _ scanned: inout ScannedHeredoc, _ raw: [UInt8], _ content: [UInt8], _ body: Range<Int>, end: Int
    ) {
        scanned.rawContent = String(decoding: raw, as: UTF8.self)
        scanned.heredoc.content = String(decoding: content, as: UTF8.self)
        scanned.heredoc.range = SourceRange(file: file, bytes: body)
        scanned.end = end
    }
}
