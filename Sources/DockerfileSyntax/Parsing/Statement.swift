import Diagnostics

/// One instruction while it is being parsed: its text cut into keyword, flags and the rest, and what was found wrong.
struct Statement {
    let text: MappedText
    let escape: UInt8
    let keywordBytes: Range<Int>
    /// Upper case.
    let keyword: String
    let flags: [ScannedFlag]
    /// What follows the flags, trimmed.
    let rest: Range<Int>
    /// Filled before the instruction is parsed, for those that can hold heredocs.
    var heredocs: [ScannedHeredoc] = []
    var diagnostics: [Diagnostic] = []
    /// A curly quote in this statement breaks it, instead of only standing there as a letter.
    var needsPlainQuotes = false
    /// What `InstructionLine` says of this statement.
    var form: InstructionLine.Form = .plain
    var arguments: [String] = []

    init(text: MappedText, escape: UInt8) {
        self.text = text
        self.escape = escape
        let whole = text.bytes.trimmed(0..<text.bytes.count)
        var end = whole.lowerBound
        while end < whole.upperBound, !text.bytes[end].isBlank { end += 1 }
        keywordBytes = whole.lowerBound..<end
        keyword = text.text(keywordBytes).uppercased()
        (flags, rest) = FlagScanner(text: text, escape: escape).scan(end..<whole.upperBound)
    }

    var keywordRange: SourceRange { text.range(keywordBytes) }
    var bytes: [UInt8] { text.bytes }
    /// The instruction on one line.
    var original: String { text.text(bytes.trimmed(0..<bytes.count)) }
    /// The instruction in the file, heredoc bodies included.
    var range: SourceRange {
        let own = text.range(bytes.trimmed(0..<bytes.count))
        guard let end = heredocs.last?.end else { return own }
        return SourceRange(file: own.file, bytes: own.bytes.lowerBound..<max(own.bytes.upperBound, end))
    }

    func word(_ range: Range<Int>) -> Word { text.word(range, escape: escape) }
    func place(_ range: Range<Int>) -> SourceRange { text.range(range) }

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    mutating func error(
        _ code: String, _ message: String, at range: SourceRange, _ label: String = "", notes: [String] = [],
        help: String? = nil
    ) {
        report(Diagnostic(.error, code, message, at: range, label, notes: notes, help: help))
    }

    /// Says that the instruction has nothing to work on, unless something else was wrong already.
    mutating func reportMissingArguments(_ what: String, help: String) {
        guard !hasErrors else { return }
        let end = place(flags.last?.range ?? keywordBytes).bytes.upperBound
        error(
            "missing-arguments", "\(keyword) needs \(what)", at: keywordRange.through(
                SourceRange(file: text.file, bytes: end..<end)), "nothing follows", help: help)
    }

    /// The rest as words between blanks, noted as the statement's arguments.
    mutating func plainWords() -> [Range<Int>] {
        let words = bytes.plainWords(in: rest)
        arguments = words.map { text.text($0) }
        return words
    }

    /// The rest as words in which quotes may hold spaces, noted as the statement's arguments.
    mutating func quotedWords() -> [Range<Int>] {
        let words = bytes.quotedWords(in: rest, escape: escape)
        arguments = words.map { text.text($0) }
        return words
    }

    /// The rest as one word, spaces and all.
    mutating func wholeRest() -> Word {
        arguments = rest.isEmpty ? [] : [text.text(rest)]
        return word(rest)
    }
}
