package import Diagnostics

/// One line of an ignore file that says something.
package struct IgnoreRule: Sendable, Hashable {
    package var entry: PatternList.Entry
    /// As written, without surrounding white space.
    package var text: String
    /// The text in the ignore file.
    package var range: SourceRange

    package var isNegated: Bool { entry.isNegated }
    package var pattern: PathPattern { entry.pattern }
    /// 1-based.
    package var line: Int { range.line }
    /// The name of the ignore file.
    package var file: String { range.file.name }
}

/// A `.dockerignore`: which files of a context builds do not see.
package struct IgnoreFile: Sendable, Hashable {
    package let rules: [IgnoreRule]
    package let patterns: PatternList

    package init(rules: [IgnoreRule]) {
        self.rules = rules
        self.patterns = PatternList(rules.map(\.entry))
    }

    /// Whether a path, relative to the context, is ignored; and the rule that had the last word, if any matched.
    package func decision(for path: String) -> (ignored: Bool, rule: IgnoreRule?) {
        let verdict = patterns.verdict(on: path)
        return (verdict.isExcluded, verdict.entry.map { rules[$0] })
    }
}
