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
    /// False when the file ends before it is closed.
    var isClosed = false
}

/// Finds heredoc operators: words of the form `[fd]<<[-]NAME`, where NAME may be quoted.
enum HeredocScanner {
    static let keywords: Set<String> = ["RUN", "COPY", "ADD"]

    static func operators(in range: Range<Int>, of text: MappedText) -> [ScannedHeredoc] {
        let bytes = text.bytes
        guard range.contains(where: { $0 + 1 < range.upperBound && bytes.matches("<<", at: $0) }),
            quotesAreClosed(range, bytes)
        else { return [] }
        var words = bytes.quotedWords(in: range, escape: .backslash)
        // Blanks may stand between `<<` and the name: then both are one word. (In `$((1 << 2))` what follows is no name.)
        for index in words.indices.dropLast().reversed()
        where isBare(words[index], bytes) && isName(unquoted(words[index + 1], bytes).0) {
            words[index] = words[index].lowerBound..<words[index + 1].upperBound
            words.remove(at: index + 1)
        }
        return words.compactMap { parse($0, of: text) }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isLetter || first == 0x5F else { return false }
        return name.utf8.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x5F }
    }

    /// `<<` with nothing after it.
    private static func isBare(_ word: Range<Int>, _ bytes: [UInt8]) -> Bool {
        word.count >= 2 && bytes.matches("<<", at: word.upperBound - 2) && bytes[word].dropLast(2).allSatisfy(\.isDigit)
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
        while index < word.upperBound, bytes[index].isBlank { index += 1 }
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
    /// Reads the bodies of the heredocs of a RUN, COPY or ADD, also behind ONBUILD.
    ///
    /// - Parameter check: what to do with them when there are some; it gets the keyword that has them.
    mutating func readHeredocs(of statement: inout Statement, check: (inout Statement, String) -> Void) {
        var range = statement.rest
        var keyword = statement.keyword
        if keyword == "ONBUILD" {
            let inner = statement.trigger()
            keyword = inner.keyword
            range = statement.rest.lowerBound + inner.rest.lowerBound..<statement.rest.lowerBound + inner.rest.upperBound
        }
        guard HeredocScanner.keywords.contains(keyword) else { return }
        let found = HeredocScanner.operators(in: range, of: statement.text)
        guard !found.isEmpty else { return }
        if case .strings = JSONFormScanner.scan(statement.bytes, in: range) { return }
        for var scanned in found {
            // `<< NAME` may as well be arithmetic: only what is closed is meant as a heredoc.
            if statement.bytes.plainWords(in: scanned.word).count > 1, !closes(scanned.heredoc.name) { continue }
            scanned.isClosed = readBody(of: &scanned)
            statement.heredocs.append(scanned)
        }
        check(&statement, keyword)
    }

    /// Whether some line from here on is nothing but a name.
    private mutating func closes(_ name: String) -> Bool {
        if lastLines == nil {
            var found: [String: Int] = [:]
            for number in 1...file.lineCount {
                guard let range = file.bytesOfLine(number), range.count <= 128 else { continue }
                let text = file.bytes[range].drop { $0 == 0x09 }
                if text.allSatisfy({ $0.isLetter || $0.isDigit || $0 == 0x5F }) { found[String(decoding: text, as: UTF8.self)] = number }
            }
            lastLines = found
        }
        return (lastLines?[name] ?? 0) >= line
    }

    /// Reads the body of a heredoc, which begins on the next line; false when the file ends before it is closed.
    private mutating func readBody(of scanned: inout ScannedHeredoc) -> Bool {
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
