package import BuildContext
package import BuildPlan
package import Diagnostics
import Execution

/// A step that failed: where it is written, and what went wrong. Origin is attached here and nowhere below.
package struct StepFailure: Error, Sendable {
    package var node: Node
    package var underlying: any Error
    /// The name under which the step's file system is kept, for `debug`.
    package var kept: String?
    package init(node: Node, underlying: any Error, kept: String? = nil) {
        self.node = node
        self.underlying = underlying
        self.kept = kept
    }
}

extension StepFailure: DiagnosticConvertible {
    package var diagnostics: [Diagnostic] {
        if let missing = underlying as? SourceNotFound, let sources = node.sources {
            let range = sources.ranges.indices.contains(missing.source) ? sources.ranges[missing.source] : node.origin
            // Files of the context that a RUN mounts are copied first, by a step of their own.
            let isMount = node.title.hasPrefix(Planner.mountTitle)
            let keyword = isMount ? "RUN --mount" : String(node.title.prefix { $0 != " " }).uppercased()
            return [missing.diagnostic(at: range, instruction: keyword, in: sources.place)]
        }
        if let problem = underlying as? any LandingProblem { return [problem.diagnostic(at: node)] }
        if let failure = underlying as? FetchFailure { return [failure.diagnostic(for: node)] }
        if let convertible = underlying as? any DiagnosticConvertible { return convertible.diagnostics }
        if let failure = underlying as? RunFailure { return [failure.diagnostic(at: node.origin)] }
        let label = node.origin.map { Diagnostic.Label($0.firstLine) }
        if let error = underlying as? AgentError {
            return [Diagnostic(.error, "ssh-failed", error.description, at: label, help: error.help)]
        }
        if let error = underlying as? RuntimeError {
            var diagnostic = Diagnostic(.error, "run-failed", "\(error)", at: label)
            diagnostic.help = error.remedy
            return [diagnostic]
        }
        return [Diagnostic(.error, "step-failed", "\(node.title.prefix(80)): \(underlying)", at: label)]
    }

    /// The source that was not found, and what was said of it.
    package var missingSource: SourceNotFound? { underlying as? SourceNotFound }
}

extension SourceRange {
    /// Carets under a whole heredoc help nobody.
    var firstLine: SourceRange {
        guard let line = file.bytesOfLine(line) else { return self }
        return SourceRange(
            file: file, bytes: bytes.lowerBound..<min(bytes.upperBound, max(line.upperBound, bytes.lowerBound)))
    }
}
