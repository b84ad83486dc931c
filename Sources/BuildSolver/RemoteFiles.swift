package import BuildContext
package import BuildPlan
package import Diagnostics
package import OCI

/// Files that are fetched. Asked only when a step needs them; a build without such a step never does.
package protocol RemoteFiles: Sendable {
    /// A name for what is there now: it changes when a file, or anything else that shows, does. The same answer all
    /// through a build.
    ///
    /// May store the files on the way, when only they tell. With `fetching` false nothing is stored, and nil says that it
    /// cannot be known so. Throws `FetchFailure`.
    func identity(of source: RemoteSource, fetching: Bool) async throws -> Digest?
    /// What `identity` named. Throws `FetchFailure`.
    func tree(of source: RemoteSource) async throws -> SourceTree
}

/// Nothing can be fetched: for builds known to need nothing.
package struct NoRemoteFiles: RemoteFiles {
    package init() {}
    package func identity(of source: RemoteSource, fetching: Bool) async throws -> Digest? { throw Self.failure(source) }
    package func tree(of source: RemoteSource) async throws -> SourceTree { throw Self.failure(source) }
    private static func failure(_ source: RemoteSource) -> FetchFailure {
        FetchFailure(code: "fetch-failed", message: "\(source.description) cannot be fetched here")
    }
}

/// Something that could not be fetched, or is not what was expected.
package struct FetchFailure: Error, Sendable, CustomStringConvertible {
    package var code: String
    package var message: String
    package var notes: [String]
    package var help: String?
    /// It is the checksum that is at fault: shown there.
    package var concernsChecksum: Bool

    package init(
        code: String, message: String, notes: [String] = [], help: String? = nil, concernsChecksum: Bool = false
    ) {
        self.code = code
        self.message = message
        self.notes = notes
        self.help = help
        self.concernsChecksum = concernsChecksum
    }

    package var description: String { message }

    /// Placed at the source of the instruction, or at its checksum.
    func diagnostic(for node: Node) -> Diagnostic {
        let range = concernsChecksum ? node.sources?.ranges.first ?? node.origin : node.origin
        var diagnostic = Diagnostic(.error, code, message)
        diagnostic.primary = range.map { Diagnostic.Label($0) }
        diagnostic.notes = notes
        diagnostic.help = help
        return diagnostic
    }
}

extension FetchFailure: DiagnosticConvertible {
    /// Outside of an instruction: a context.
    package var diagnostics: [Diagnostic] { [Diagnostic(.error, code, message, at: nil as Diagnostic.Label?, notes: notes, help: help)] }
}
