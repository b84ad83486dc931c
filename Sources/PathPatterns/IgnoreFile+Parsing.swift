package import Diagnostics

extension IgnoreFile {
    /// Reads an ignore file. A malformed pattern is an error diagnostic (docker refuses to build with one) and makes
    /// no rule; a line that cannot mean what it seems to mean is a warning.
    package static func parse(_ source: SourceFile) -> Parsed<IgnoreFile> {
        var rules: [IgnoreRule] = []
        var diagnostics: [Diagnostic] = []
        for line in 1...source.lineCount {
            guard var bytes = source.bytesOfLine(line) else { continue }
            if line == 1, source.bytes[bytes].starts(with: [0xEF, 0xBB, 0xBF]) {
                bytes = bytes.lowerBound + 3..<bytes.upperBound
            }
            // Comments are told from patterns before white space is trimmed.
            guard !bytes.isEmpty, source.bytes[bytes.lowerBound] != UInt8(ascii: "#") else { continue }
            let range = SourceRange(file: source, bytes: trimmed(bytes, of: source))
            guard !range.bytes.isEmpty else { continue }
            do throws(MalformedPattern) {
                guard let entry = try PatternList.entry(range.text) else { continue }
                let rule = IgnoreRule(entry: entry, text: range.text, range: range)
                rules.append(rule)
                if let doubt = doubt(about: rule) { diagnostics.append(doubt) }
            } catch {
                diagnostics.append(
                    Diagnostic(
                        .error, "ignore-pattern-malformed", "the ignore pattern \"\(range.text)\" is malformed",
                        at: range,
                        error.reason.rawValue,
                        help: "write a backslash before a character that is meant literally"))
            }
        }
        return Parsed(IgnoreFile(rules: rules), diagnostics)
    }

    /// What the author of a rule most likely did not mean.
    private static func doubt(about rule: IgnoreRule) -> Diagnostic? {
        let pattern = rule.pattern.text
        if rule.text.hasPrefix("#") {
            return Diagnostic(
                .warning, "ignore-comment-indented", "\"\(rule.text)\" is a pattern, not a comment", at: rule.range,
                "a comment starts in the first column", help: "remove the white space before the \"#\"")
        }
        if let comment = rule.text.range(ofTrailingComment: ()) {
            return Diagnostic(
                .warning, "ignore-comment-trailing", "the \"#\" in \"\(rule.text)\" is part of the pattern",
                at: rule.range, "there are no comments behind a pattern",
                help: "move \"\(rule.text[comment])\" to a line of its own")
        }
        if pattern == ".." || pattern.hasPrefix("../") {
            return Diagnostic(
                .warning, "ignore-pattern-outside", "the ignore pattern \"\(rule.text)\" leads out of the context",
                at: rule.range, "matches nothing")
        }
        if pattern == "." || pattern == "/" {
            return Diagnostic(
                .warning, "ignore-pattern-root", "the ignore pattern \"\(rule.text)\" names the context itself",
                at: rule.range, "matches nothing", help: "write \"*\" to ignore all there is")
        }
        return nil
    }

    private static func trimmed(_ bytes: Range<Int>, of source: SourceFile) -> Range<Int> {
        let text = source.text(in: bytes)
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return bytes.lowerBound..<bytes.lowerBound }
        let start = text.utf8.distance(from: text.startIndex, to: first)
        let end = text.utf8.distance(from: text.startIndex, to: scalars.index(after: last))
        return bytes.lowerBound + start..<bytes.lowerBound + end
    }
}

extension String {
    /// From a ` #` to the end.
    fileprivate func range(ofTrailingComment: Void) -> Range<String.Index>? {
        var previousIsSpace = false
        for index in unicodeScalars.indices {
            let scalar = unicodeScalars[index]
            if scalar == "#", previousIsSpace { return index..<endIndex }
            previousIsSpace = scalar == " " || scalar == "\t"
        }
        return nil
    }
}
