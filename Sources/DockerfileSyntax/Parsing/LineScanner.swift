import Diagnostics

/// An instruction's text before it is looked into: continuations joined, comments dropped.
struct LogicalLine {
    var text: MappedText
    /// Comment lines directly above, without `#`.
    var comments: [String]
    /// Where in the text each continued line begins.
    var continuations: [Int] = []
    /// Nothing but the keyword and the continuation stood on the first line.
    var startsWithContinuation: Bool
    /// The first blank line inside the continuations.
    var emptyContinuation: SourceRange?
    /// The file ended after a continuation.
    var danglingContinuation: SourceRange?
}

/// Reads a file line by line and joins what belongs together.
struct LineScanner {
    let file: SourceFile
    var directives: DirectiveScanner
    /// 1-based number of the line to read next.
    private var line = 1
    private var comments: [String] = []
    /// Whether there was anything but blank lines.
    private(set) var sawComment = false

    init(file: SourceFile) {
        self.file = file
        directives = DirectiveScanner(file: file)
    }

    var escape: UInt8 { directives.escape }

    mutating func next() -> LogicalLine? {
        while let whole = takeLine() {
            let content = file.bytes.trimmed(whole)
            if content.isEmpty {
                directives.isDone = true
                comments = []
            } else if file.bytes[content.lowerBound] == .hash {
                sawComment = true
                if !directives.take(comment: content) { keepComment(content) }
            } else {
                directives.isDone = true
                return joined(from: content.lowerBound..<whole.upperBound)
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
        if text.isEmpty { comments = [] } else { comments.append(file.text(in: text)) }
    }

    private mutating func joined(from first: Range<Int>) -> LogicalLine {
        var result = LogicalLine(
            text: MappedText(file: file, anchor: first.lowerBound), comments: comments,
            startsWithContinuation: false)
        comments = []
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
                result.emptyContinuation = result.emptyContinuation ?? SourceRange(file: file, bytes: whole)
            } else if file.bytes[content.lowerBound] != .hash {
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
