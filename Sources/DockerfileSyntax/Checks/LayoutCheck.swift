import Diagnostics

extension Statement {
    /// What is to be said of the way an instruction is laid out on lines.
    mutating func check(_ line: LogicalLine) {
        if let empty = line.emptyContinuation {
            report(
                Diagnostic(
                    .warning, "NoEmptyContinuation", "An empty line inside a continued instruction", at: empty,
                    "the \(keyword) above goes on after it", notes: ["this is on its way to becoming an error"],
                    help: "remove the empty line, or the continuation before it"))
        }
        if let dangling = line.danglingContinuation {
            report(
                Diagnostic(
                    .warning, "dangling-continuation", "The file ends in the middle of a continued instruction",
                    at: dangling, "nothing follows", help: "remove the character, or add the missing line"))
        }
        if line.startsWithContinuation, keyword == "RUN", line.continuations.count == 1 {
            let flag = CacheMountAdvice.flag(for: text.text(rest))
            report(
                Diagnostic(
                    .warning, "empty-first-continuation", "RUN begins with an empty continuation", at: keywordRange,
                    "the command begins on the next line",
                    notes: ["if a --mount=… stood on this line, it got lost, as happens to code copied from a web page"],
                    help: flag.map { "put it back: RUN \($0) \(Character(UnicodeScalar(escape)))" }
                        ?? "put the --mount back, or write RUN and the command on one line"))
        }
        if let start = swallowedInstruction(line.continuations) { reportSwallowed(at: start) }
    }

    /// The first continued line that reads like an instruction of its own: a keyword in capitals, outside of quotes.
    private func swallowedInstruction(_ starts: [Int]) -> Int? {
        var quote: UInt8?
        var index = keywordBytes.upperBound
        for (position, start) in starts.enumerated() {
            while index < start {
                if bytes[index] == .backslash, quote != .apostrophe {
                    index += 1
                } else if bytes[index] == quote {
                    quote = nil
                } else if quote == nil, bytes[index] == .quote || bytes[index] == .apostrophe {
                    quote = bytes[index]
                }
                index += 1
            }
            let end = position + 1 < starts.count ? starts[position + 1] : bytes.count
            guard quote == nil, let first = bytes.plainWords(in: start..<end).first, first.upperBound < bytes.count,
                InstructionParser.keywords.contains(text.text(first))
            else { continue }
            // ONBUILD and HEALTHCHECK are followed by one.
            if first.lowerBound > rest.lowerBound { return start }
        }
        return nil
    }

    private mutating func reportSwallowed(at start: Int) {
        guard let word = bytes.plainWords(in: start..<bytes.count).first else { return }
        let line = place(start - 1..<start).start.line
        let mark = Character(UnicodeScalar(escape))
        report(
            Diagnostic(
                .warning, "swallowed-instruction", "This \(text.text(word)) belongs to the \(keyword) above",
                at: place(word), "read as an argument of \(keyword)",
                also: [Diagnostic.Label(keywordRange, "which goes on to here")],
                help: "remove the \(mark) at the end of line \(line) to begin a new instruction"))
    }

    /// A shell takes the carriage returns of Windows line endings for part of its commands.
    mutating func checkLineEndings(_ scanned: ScannedHeredoc, keyword: String) {
        guard keyword == "RUN", scanned.rawContent.utf8.contains(0x0D) else { return }
        report(
            Diagnostic(
                .warning, "heredoc-line-endings", "The heredoc \"\(scanned.heredoc.name)\" has Windows line endings",
                at: place(scanned.word), "each of its lines ends in a carriage return",
                notes: ["a shell reads it as part of the last word of the line"],
                help: "save the file with Unix line endings (LF)"))
    }
}
