import Diagnostics

extension Statement {
    /// What a `#` after complete arguments becomes when nobody says a word.
    struct TrailingCommentReading {
        /// As many words make the instruction complete.
        var complete: Int
        var severity: Diagnostic.Severity
        /// What the words are read as: `paths to copy`.
        var readAs: String
    }

    static let trailingCommentReadings: [String: TrailingCommentReading] = [
        "FROM": TrailingCommentReading(complete: 1, severity: .error, readAs: "further arguments of FROM"),
        "COPY": TrailingCommentReading(complete: 2, severity: .error, readAs: "paths"),
        "ADD": TrailingCommentReading(complete: 2, severity: .error, readAs: "paths"),
        "EXPOSE": TrailingCommentReading(complete: 1, severity: .error, readAs: "ports"),
        "ENV": TrailingCommentReading(complete: 1, severity: .error, readAs: "variables"),
        "LABEL": TrailingCommentReading(complete: 1, severity: .error, readAs: "labels"),
        "USER": TrailingCommentReading(complete: 1, severity: .error, readAs: "part of the user's name"),
        "STOPSIGNAL": TrailingCommentReading(complete: 1, severity: .error, readAs: "part of the signal"),
        "HEALTHCHECK": TrailingCommentReading(complete: 1, severity: .error, readAs: "arguments of NONE"),
        "WORKDIR": TrailingCommentReading(complete: 1, severity: .warning, readAs: "part of the directory's name"),
        "VOLUME": TrailingCommentReading(complete: 1, severity: .warning, readAs: "further volumes"),
        "ARG": TrailingCommentReading(complete: 1, severity: .warning, readAs: "further build arguments"),
    ]

    /// Reports a comment at the end of a line, where `#` is a word like any other. True when there was one.
    mutating func checkTrailingComment(_ words: [Range<Int>], isLegacyPair: Bool = false) -> Bool {
        guard var reading = Self.trailingCommentReadings[keyword] else { return false }
        if isLegacyPair {
            reading = TrailingCommentReading(complete: 2, severity: .warning, readAs: "part of the value")
        }
        let start = words.indices.first { position in
            guard bytes[words[position].lowerBound] == .hash else { return false }
            // A lone `#` is never a name of anything; `#name` might be one, as long as something is still missing.
            return position >= reading.complete || position >= 1 && words[position].count == 1
        }
        guard let start, let end = words.last?.upperBound else { return false }
        let comment = words[start].lowerBound..<end
        let isMissing = start < reading.complete
        let kept = text.text(bytes.trimmed(keywordBytes.lowerBound..<words[start].lowerBound))
        report(
            Diagnostic(
                isMissing ? .error : reading.severity, "trailing-comment",
                "\"#\" starts a comment only at the beginning of a line", at: place(comment),
                "these words are read as \(reading.readAs)", help: "keep \"\(kept)\", and move the comment to a line of its own above",
                fix: movingAbove(comment)))
        return true
    }

    /// Two edits: the comment goes, and comes back on a line above.
    private func movingAbove(_ comment: Range<Int>) -> [Diagnostic.TextEdit] {
        let range = place(comment)
        let file = text.file
        let line = file.bytesOfLine(keywordRange.line) ?? range.bytes
        let start = max(line.lowerBound, line.lowerBound == 0 ? file.startOfText : 0)
        // A comment that holds a continuation cannot move as it is.
        guard range.start.line == range.end.line else { return [] }
        var gap = range.bytes.lowerBound
        while gap > line.lowerBound, file.bytes[gap - 1].isBlank { gap -= 1 }
        let indent = file.text(in: start..<keywordRange.bytes.lowerBound)
        return [
            Diagnostic.TextEdit(SourceRange(file: file, bytes: start..<start), "\(indent)\(range.text)\n"),
            Diagnostic.TextEdit(SourceRange(file: file, bytes: gap..<range.bytes.upperBound), ""),
        ]
    }
}
