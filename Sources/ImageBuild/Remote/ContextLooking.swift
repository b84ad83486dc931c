package import BuildContext
import BuildPlan
package import Diagnostics
import HostSystem
import OCI
import SystemPackage

/// A context without a build: what `context ls` and `context why` look at. A directory is read in place and leaves nothing
/// in the store.
package struct ContextLooking: Sendable {
    private let environment: BuildEnvironment

    package init(environment: BuildEnvironment) { self.environment = environment }

    package struct Seen: Sendable {
        package var tree: SourceTree
        package var diagnostics: [Diagnostic]
        /// Keeps an unpacked archive.
        private let temporary: TemporaryDirectory?

        init(_ found: (tree: SourceTree, diagnostics: [Diagnostic]), _ temporary: TemporaryDirectory? = nil) {
            tree = found.tree
            diagnostics = found.diagnostics
            self.temporary = temporary
        }
    }

    /// - Parameter dockerfile: the Dockerfile whose own ignore file counts.
    package func look(at context: BuildRequest.Context, dockerfile: String?) async throws -> Seen {
        let dockerfile = dockerfile.map { FilePath($0) }
        switch context {
        case .directory(let path):
            return try await BlockingPool.run { Seen(try ContextSource.tree(of: FilePath(path), dockerfile: dockerfile)) }
        case .standardInput(let path): return try await look(into: FilePath(path), from: "standard input", dockerfile)
        case .url(let text):
            let remote = RemoteStore(environment: environment)
            switch try RemoteContext.parse(text) {
            case .git(let git)?:
                let directory = try await remote.directory(of: git)
                return try await BlockingPool.run { Seen(try ContextSource.tree(fetched: directory, dockerfile: dockerfile)) }
            case .http(let http)?: return try await look(into: try await remote.file(of: http), from: http.address.redacted, dockerfile)
            case nil: return try await look(at: .directory(text), dockerfile: dockerfile?.string)
            }
        }
    }

    /// A Dockerfile alone is a context without files.
    private func look(into file: FilePath, from origin: String, _ dockerfile: FilePath?) async throws -> Seen {
        try await BlockingPool.run {
            if let found = try ContextSource.tree(unpacking: file, temporary: "/tmp", from: origin) {
                return Seen(try ContextSource.tree(fetched: found.tree.directory, dockerfile: dockerfile), found.keeping)
            }
            let empty = try TemporaryDirectory(prefix: "context-")
            return Seen(try ContextSource.tree(fetched: empty.directory), empty)
        }
    }
}
