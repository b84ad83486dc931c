package import Diagnostics

/// Why there is no context or no Dockerfile to build from.
package struct ContextError: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case contextMissing = "context-not-found"
        case contextIsFile = "context-not-a-directory"
        case dockerfileMissing = "dockerfile-not-found"
        case dockerfileIsDirectory = "dockerfile-is-a-directory"
        case archiveUnusable = "context-archive-unusable"
    }

    package var reason: Reason
    /// One headline that names the thing.
    package var message: String
    package var notes: [String]
    package var help: String?

    init(_ reason: Reason, _ message: String, notes: [String] = [], help: String? = nil) {
        self.reason = reason
        self.message = message
        self.notes = notes
        self.help = help
    }
}

extension ContextError: DiagnosticConvertible {
    package var diagnostics: [Diagnostic] {
        [Diagnostic(.error, reason.rawValue, message, at: nil as Diagnostic.Label?, notes: notes, help: help)]
    }
}
