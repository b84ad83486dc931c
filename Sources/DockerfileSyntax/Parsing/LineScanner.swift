import Diagnostics

/// An instruction's text before it is looked into: continuations joined, comments dropped.
struct LogicalLine {
    var text: MappedText
    /// Comment lines directly above, without `#`.
    var comments: [String]
    /// Comments since the instruction before that are `check=…`, `#` included.
    var checks: [Range<Int>] = []
    /// Where in the text each continued line begins.
    var continuations: [Int] = []
    /// Nothing but the keyword and the continuation stood on the first line.
    var startsWithContinuation: Bool
    /// The first blank line inside the continuations.
    var emptyContinuation: SourceRange?
    /// The file ended after a continuation.
    var danglingContinuation: SourceRange?
    /// Comments and blank lines between the continued lines, when they are kept.
    var trivia: [InnerTrivia] = []
}

/// What stands between instructions and says nothing to the builder.
enum Trivia {
    case blank
    /// `#` to the last character that is no blank.
    case comment(Range<Int>, isDirective: Bool)
}

/// Trivia inside an instruction.
struct InnerTrivia {
    var trivia: Trivia
    /// The continued line it stands before: 1 is the first.
    var line: Int
    init(_ trivia: Trivia, before line: Int) {
        self.trivia = trivia
        self.line = line
    }
}

/// Reads a file line by line and joins what belongs together.
struct LineScanner {
    let file: SourceFile
    var directives: DirectiveScanner
    /// 1-based number of the line to read next.
    private(set) var line = 1
    /// The last line that is a given word and nothing else, once somebody asked.
    var lastLines: [String: Int]?
    private var comments: [String] = []
    private var checks: [Range<Int>] = []
    /// Comments and blank lines are noted, for the printer.
    var keepsTrivia = false
    /// Since the instruction before.
    private(set) var trivia: [Trivia] = []
    /// Whether there was anything but blank lines.
    private(set) var sawComment = false

    init(file: SourceFile) {
        self.file = file
        directives = DirectiveScanner(file: file)
    }

    var escape: UInt8 { directives.escape }

    mutating func next() -> LogicalLine? {
        trivia = []
        while let whole = takeLine() {
            let content = file.bytes.trimmed(whole)
            if content.isEmpty {
                directives.isDone = true
                comments = []
                if keepsTrivia { trivia.append(.blank) }
            } else if file.bytes[content.lowerBound] == .hash {
                sawComment = true
                let isDirective = directives.take(comment: content)
                if !isDirective { keepComment(content) }
                if keepsTrivia { trivia.append(.comment(content, isDirective: isDirective)) }
            } else {
                directives.isDone = true
                let line = joined(from: content.lowerBound..<whole.upperBound)
                if line.text.bytes.contains(where: { $0 > 0x20 }) { return line }
                // A continuation mark with nothing around it, and nothing but comments after it.
                trivia += line.trivia.map(\.trivia)
                (comments, checks) = (line.comments, line.checks)
            }
        }
        return nil
    }

    /// The next line without its ending, raw: for heredoc bodies. `next` is where the following line starts.
    mutating func takeRawLine() -> (content: Range<Int>, next: Int)? {
        guard let range = takeLine() else { return nil }
        return (range, file.bytesOfLine(line)?.lowerBound ?? file.bytes.count)
    }

    private mutating func takeLine() -> Range<Int>? {
        guard let range = file.bytesOfLine(line) else { return nil }
        // What follows the last line ending is a line only when it holds something.
        guard line < file.lineCount || !range.isEmpty else { return nil }
        defer { line += 1 }
        return line == 1 ? file.startOfText..<max(range.upperBound, file.startOfText) : range
    }

    private mutating func keepComment(_ content: Range<Int>) {
        let text = file.bytes.trimmed(content.lowerBound + 1..<content.upperBound)
        guard !text.isEmpty else {
            (comments, checks) = ([], [])
            return
        }
        comments.append(file.text(in: text))
        if file.bytes.matches("check", at: text.lowerBound), let (name, _) = directives.parts(of: content), name.count == 5 {
            checks.append(content)
        }
    }

    private mutating func joined(from first: Range<Int>) -> LogicalLine {
        var result = LogicalLine(
            text: MappedText(file: file, anchor: first.lowerBound), comments: comments,
            startsWithContinuation: false)
        result.checks = checks
        (comments, checks) = ([], [])
        var (piece, continues) = withoutContinuation(first)
        result.text.append(fileBytes: piece)
        result.startsWithContinuation = continues && file.bytes.plainWords(in: piece).count == 1
        var last = first
        while continues {
            guard let whole = takeLine() else {
                result.danglingContinuation = SourceRange(file: file, bytes: piece.upperBound..<last.upperBound)
                break
            }
            let content = file.bytes.trimmed(whole)
            if content.isEmpty {
                if keepsTrivia { result.trivia.append(.init(.blank, before: result.continuations.count + 1)) }
                result.emptyContinuation = result.emptyContinuation ?? SourceRange(file: file, bytes: whole)
            } else if file.bytes[content.lowerBound] == .hash {
                guard keepsTrivia else { continue }
                let comment = Trivia.comment(whole.lowerBound..<content.upperBound, isDirective: false)
                result.trivia.append(.init(comment, before: result.continuations.count + 1))
            } else {
                (piece, continues) = withoutContinuation(whole)
                result.continuations.append(result.text.bytes.count)
                result.text.append(fileBytes: piece)
                last = whole
            }
        }
        return result
    }

    /// A line up to its continuation mark: an escape character at the end, blanks after it allowed, which is not itself
    /// escaped.
    private func withoutContinuation(_ line: Range<Int>) -> (Range<Int>, Bool) {
        var end = line.upperBound
        while end > line.lowerBound, file.bytes[end - 1] == 0x20 || file.bytes[end - 1] == 0x09 { end -= 1 }
        guard end > line.lowerBound, file.bytes[end - 1] == escape else { return (line, false) }
        if end - 1 > line.lowerBound, file.bytes[end - 2] == escape { return (line, false) }
        return (line.lowerBound..<end - 1, true)
    }
}
