import Diagnostics

/// A Dockerfile in its canonical layout. What it says stays what it was, comments, heredocs and all; reading it again gives
/// the same syntax, and printing that the same text.
///
/// - Directives, comments and instructions begin at the left margin; keywords are in capitals, with one space after them;
///   flags have one space between them.
/// - Continued lines keep their indentation and every byte that an instruction may be sensitive to. Comments between them
///   stay; blank lines between them go (the builder warns of them).
/// - Blank lines elsewhere: one where there were several, none at the beginning and the end. One stays before a comment
///   that would become a directive without it.
/// - Line endings are those of Unix, but for the bodies of heredocs, which are kept byte for byte; the last line has one
///   (where a heredoc is never closed, the end of the file is part of it).
package enum DockerfilePrinter {
    package static func text(of dockerfile: Dockerfile) -> String {
        var printing = DockerfilePrinting(file: dockerfile.file)
        printing.run()
        return String(decoding: printing.output, as: UTF8.self)
    }
}

/// One walk over a file.
private struct DockerfilePrinting {
    private(set) var output: [UInt8] = []
    private let file: SourceFile
    private var scanner: LineScanner
    private var isBlankDue = false

    init(file: SourceFile) {
        self.file = file
        scanner = LineScanner(file: file)
        scanner.keepsTrivia = true
        output.reserveCapacity(file.bytes.count)
    }

    mutating func run() {
        while let line = scanner.next() {
            for trivia in scanner.trivia { add(trivia) }
            add(line)
        }
        for trivia in scanner.trivia { add(trivia) }
        // A byte order mark that is text stays text only behind one that is none.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if output.starts(with: mark) { output.insert(contentsOf: mark, at: 0) }
    }

    private mutating func add(_ trivia: Trivia) {
        switch trivia {
        case .blank: isBlankDue = true
        case .comment(let range, let isDirective):
            // Nothing above it, yet no directive: a blank line made it a comment, and has to go on doing so.
            if output.isEmpty, isBlankDue, !isDirective, looksLikeDirective(range) { output.append(.newline) }
            begin()
            output += isDirective ? directive(range) : file.bytes[range]
            output.append(.newline)
        }
    }

    /// Begins a line, after the blank one that is due.
    private mutating func begin() {
        if isBlankDue, !output.isEmpty, output != [.newline] { output.append(.newline) }
        isBlankDue = false
    }

    private func looksLikeDirective(_ comment: Range<Int>) -> Bool {
        guard let (name, _) = scanner.directives.parts(of: comment) else { return file.bytes.matches("#!", at: comment.lowerBound) }
        return DirectiveScanner.names.contains(file.text(in: name).lowercased())
    }

    /// `# name=value`
    private func directive(_ range: Range<Int>) -> ArraySlice<UInt8> {
        guard let (name, value) = scanner.directives.parts(of: range) else { return file.bytes[range] }
        return Array("# \(file.text(in: name).lowercased())=\(file.text(in: value))".utf8)[...]
    }

    private mutating func add(_ line: LogicalLine) {
        begin()
        var statement = Statement(text: line.text, escape: scanner.escape)
        let bytes = statement.bytes
        let isKnown = InstructionParser.keywords.contains(statement.keyword)
        output += isKnown ? Array(statement.keyword.utf8)[...] : bytes[statement.keywordBytes]
        // Only what lies behind the keyword; a continuation inside it has no place any more, but a comment there has.
        var breaks = line.continuations.filter { $0 >= statement.keywordBytes.upperBound }
        let dropped = line.continuations.count - breaks.count
        // The file ended, or a blank line did, where more was announced: nothing follows, so nothing is continued.
        while isKnown, breaks.last == bytes.count, !hasComments(line, after: dropped + breaks.count) {
            breaks.removeLast()
        }
        let early = line.trivia.filter { $0.line <= dropped }.filter { if case .comment = $0.trivia { true } else { false } }
        let keepsEarly = !early.isEmpty && !statement.bytes.trimmed(statement.keywordBytes.upperBound..<bytes.count).isEmpty
        if keepsEarly {
            output += [0x20, scanner.escape, .newline]
            for inner in early { add(inner.trivia, inside: true) }
        }
        var start = statement.keywordBytes.upperBound
        for (position, end) in (breaks + [bytes.count]).enumerated() {
            let isFirst = position == 0 && !keepsEarly
            output += segment(start..<end, of: statement, isKnown: isKnown, isFirst: isFirst, isLast: position == breaks.count)
            if position < breaks.count { output += [scanner.escape, .newline] } else { endLine() }
            let number = dropped + position + 1
            for inner in line.trivia where inner.line == number { add(inner.trivia, inside: position < breaks.count) }
            start = end
        }
        if !keepsEarly, !early.isEmpty {
            for inner in early { add(inner.trivia, inside: false) }
            // Not a comment of the instruction below.
            isBlankDue = true
        }
        addHeredocs(of: &statement)
    }

    private func hasComments(_ line: LogicalLine, after number: Int) -> Bool {
        line.trivia.contains { if case .comment = $0.trivia { $0.line >= number } else { false } }
    }

    /// Comments between continued lines keep their place; those behind the last line (the file ended there) stand on
    /// their own.
    private mutating func add(_ trivia: Trivia, inside: Bool) {
        guard case .comment(let range, _) = trivia else { return }
        let text = inside ? range : file.bytes.trimmed(range)
        output += file.bytes[text]
        output.append(.newline)
    }

    private func segment(_ range: Range<Int>, of statement: Statement, isKnown: Bool, isFirst: Bool, isLast: Bool) -> ArraySlice<UInt8> {
        let bytes = statement.bytes
        var text = range
        if isLast, isKnown {
            let trimmed = bytes.trimmed(range)
            // Blanks behind an escape character keep it from continuing the line.
            let isOpen = trimmed.last.map { bytes[$0] == statement.escape } ?? false
            if !isOpen { text = range.lowerBound..<max(range.lowerBound, trimmed.upperBound) }
        } else if isLast {
            // Blanks behind what is no instruction stay: a line without them may end a heredoc that was none.
            while let last = text.last, bytes[last] == 0x0D { text.removeLast() }
        }
        guard isFirst else { return bytes[text] }
        var start = text.lowerBound
        while case let length = bytes.spaceLength(at: start, before: text.upperBound), length > 0 { start += length }
        guard start < text.upperBound || !isLast else { return isKnown ? [] : bytes[text] }
        return [0x20] + flags(of: statement, in: start..<text.upperBound)
    }

    /// The first line of arguments, with single blanks around its flags.
    private func flags(of statement: Statement, in range: Range<Int>) -> ArraySlice<UInt8> {
        let bytes = statement.bytes
        var result: [UInt8] = []
        var position = range.lowerBound
        for flag in statement.flags where flag.range.lowerBound == position && flag.range.upperBound < range.upperBound {
            var next = flag.range.upperBound
            while case let length = bytes.spaceLength(at: next, before: range.upperBound), length > 0 { next += length }
            // Blanks before a continuation are as good as one.
            result += bytes[flag.range] + [0x20]
            position = next
        }
        return (result + bytes[position..<range.upperBound])[...]
    }

    private mutating func endLine() {
        if output.last != .newline { output.append(.newline) }
    }

    private mutating func addHeredocs(of statement: inout Statement) {
        scanner.readHeredocs(of: &statement) { _, _ in }
        for heredoc in statement.heredocs {
            let start = heredoc.heredoc.range.bytes.lowerBound
            guard heredoc.isClosed || start < file.bytes.count else { continue }
            output += file.bytes[start..<(heredoc.isClosed ? max(start, heredoc.end) : file.bytes.count)]
            if heredoc.isClosed { endLine() }
        }
    }
}
