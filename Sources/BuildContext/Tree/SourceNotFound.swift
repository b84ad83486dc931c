package import Diagnostics
package import PathPatterns
import SystemPackage

/// A source that names nothing a build can see, and what is known about why.
package struct SourceNotFound: Error, Sendable, Hashable {
    /// Index into the selection's sources.
    package var source: Int
    /// The source as selected.
    package var pattern: String
    /// The rule that hides it, when it is there but ignored.
    package var ignoredBy: IgnoreRule?
    /// Paths that may have been meant, best first; at most three.
    package var suggestions: [String]
    /// A symlink that leads to nothing inside the tree, when that is why.
    package var brokenLink: String?
    /// A file where the path needs a directory.
    package var obstacle: String?

    package init(
        source: Int, pattern: String, ignoredBy: IgnoreRule? = nil, suggestions: [String] = [],
        brokenLink: String? = nil, obstacle: String? = nil
    ) {
        self.source = source
        self.pattern = pattern
        self.ignoredBy = ignoredBy
        self.suggestions = suggestions
        self.brokenLink = brokenLink
        self.obstacle = obstacle
    }

    init(
        _ source: Int, _ pattern: String, _ outcome: PathResolver.Outcome, _ path: FilePath, in tree: SourceTree
    ) throws {
        self.init(source: source, pattern: pattern)
        switch outcome {
        case .hidden(let rule): ignoredBy = rule
        case .dangling(let link): brokenLink = link.string
        case .missing, .found:
            obstacle = try PathResolver(tree: tree).fileOnTheWay(to: path)
            suggestions = try NearMisses(tree: tree).paths(like: path)
        }
    }

    /// As a message. `range` is the source in the instruction; `place` is where was looked: "the build context",
    /// `stage "deps"`.
    package func diagnostic(
        at range: SourceRange? = nil, instruction: String = "COPY", in place: String = "the build context"
    ) -> Diagnostic {
        var diagnostic = Diagnostic(
            .error, "copy-source-not-found", "\(instruction) source \"\(pattern)\" is not in \(place)",
            at: range.map { Diagnostic.Label($0, "no file matches") })
        if let rule = ignoredBy {
            diagnostic.secondary = [Diagnostic.Label(rule.range, "excluded by this pattern")]
            diagnostic.help = "add \"!\(pattern)\" after line \(rule.line) of \(rule.file)"
        } else if let brokenLink {
            diagnostic.notes = ["\"\(brokenLink)\" is a symbolic link to something that is not in \(place)"]
        } else if let obstacle {
            diagnostic.notes = ["\"\(obstacle)\" is a file, not a directory: nothing can be in it"]
            diagnostic.help = "write \"\(obstacle)\" to copy the file"
        } else if let first = suggestions.first {
            diagnostic.help = "did you mean \"\(first)\"?"
            diagnostic.notes = suggestions.dropFirst().map { "there is also \"\($0)\"" }
        }
        return diagnostic
    }
}

extension SourceNotFound: DiagnosticConvertible {
    package var diagnostics: [Diagnostic] { [diagnostic()] }
}
