package import Diagnostics
package import HostSystem
import PathPatterns
package import SystemPackage

/// A build context and the Dockerfile that goes with it.
package struct ContextSource: Sendable {
    package enum DockerfileChoice: Sendable {
        /// `Dockerfile`, `dockerfile`, `Containerfile` or `containerfile` at the top of the context.
        case standard
        /// `-f`: from the working directory, else from the context. May be outside of the context.
        case path(FilePath)
        /// Given as text (`-f -`).
        case text(SourceFile)
    }

    /// What COPY and ADD see.
    package let tree: SourceTree
    package let dockerfile: SourceFile
    /// The ignore file in force; nil when there is none.
    package let ignoreFile: SourceFile?
    /// What there is to say about the ignore file. Errors among them must end the build: docker's rules are unknown.
    package let diagnostics: [Diagnostic]
    /// Keeps the files of an unpacked archive until the last copy of this value is gone.
    private let temporary: TemporaryDirectory?

    /// A context on disk, read in place.
    /// - Parameter memos: the directory for content memos; nil to remember nothing.
    package init(
        directory path: FilePath, dockerfile choice: DockerfileChoice = .standard, memos: FilePath? = nil
    ) throws {
        let place = try ContextDirectory(opening: path)
        let found = try DockerfileLocator(place: place).find(choice)
        try self.init(place, found, memo: memos.map { ContentMemo(directory: $0, tree: place.identity) }, nil)
    }

    /// A context from a stream that was spooled to a file: a tar archive, compressed or not, or a mere Dockerfile,
    /// whose context is empty then.
    /// - Parameter temporary: where an archive is unpacked.
    package init(
        archive file: FilePath, dockerfile choice: DockerfileChoice = .standard, temporary: FilePath,
        from origin: String = "standard input"
    ) throws {
        let unpacked = try TemporaryDirectory(in: temporary, prefix: "context-")
        let place = ContextDirectory(unpacked.directory)
        let archive = ContextArchive(path: file, origin: origin)
        guard try archive.isArchive() else {
            guard case .standard = choice else {
                throw ContextError(
                    .archiveUnusable, "the context on \(origin) is not a tar archive",
                    help: "send a tar archive, or a Dockerfile alone and no -f")
            }
            let text = try DockerfileLocator.text(of: File(opening: file), name: "Dockerfile")
            try self.init(place, DockerfileLocator.Found(source: text, ignoreCandidates: []), memo: nil, unpacked)
            return
        }
        try archive.unpack(into: unpacked.directory)
        let found = try DockerfileLocator(place: place).find(choice)
        try self.init(place, found, memo: nil, unpacked)
    }

    /// A context that was fetched: nothing outside of it is meant, whatever its links say.
    package init(
        fetched directory: Directory, dockerfile choice: DockerfileChoice = .standard, memos: FilePath? = nil
    ) throws {
        let place = ContextDirectory(directory)
        let found = try DockerfileLocator(place: place).find(choice)
        try self.init(place, found, memo: memos.map { ContentMemo(directory: $0, tree: directory.path) }, nil)
    }

    private init(
        _ place: ContextDirectory, _ found: DockerfileLocator.Found, memo: ContentMemo?,
        _ temporary: TemporaryDirectory?
    ) throws {
        dockerfile = found.source
        let ignore = try place.ignoreFile(besides: found.ignoreCandidates)
        ignoreFile = ignore?.source
        diagnostics = ignore?.parsed.diagnostics ?? []
        tree = SourceTree(
            directory: place.directory, ignore: ignore?.parsed.value, memo: memo, ownership: .root)
        self.temporary = temporary
    }

    /// A directory that a name stands for. It has an ignore file of its own, and no Dockerfile.
    package static func tree(
        named name: String, at path: FilePath, memos: FilePath?
    ) throws -> (tree: SourceTree, diagnostics: [Diagnostic]) {
        let place: ContextDirectory
        do { place = try ContextDirectory(opening: path) } catch let error as ContextError {
            throw ContextError(
                error.reason, error.reason == .contextMissing ? "the directory \"\(path)\" of the context \"\(name)\" does not exist" : "\"\(path)\", the context \"\(name)\", is a file, not a directory",
                help: "write --build-context \(name)=DIRECTORY")
        }
        let ignore = try place.ignoreFile(besides: [])
        let memo = memos.map { ContentMemo(directory: $0, tree: place.identity) }
        let tree = SourceTree(directory: place.directory, ignore: ignore?.parsed.value, memo: memo, ownership: .root)
        return (tree, ignore?.parsed.diagnostics ?? [])
    }

    /// An archive that a name stands for, unpacked for as long as the first of the pair lives; nil when it is none.
    package static func tree(
        unpacking file: FilePath, temporary: FilePath, from origin: String
    ) throws -> (keeping: TemporaryDirectory, tree: SourceTree)? {
        let archive = ContextArchive(path: file, origin: origin)
        guard try archive.isArchive() else { return nil }
        let unpacked = try TemporaryDirectory(in: temporary, prefix: "context-")
        try archive.unpack(into: unpacked.directory)
        return (unpacked, SourceTree(directory: unpacked.directory, ownership: .root))
    }

    /// The context without a Dockerfile, for looking at it. With `dockerfile`, that file's own ignore file counts.
    package static func tree(
        of path: FilePath, dockerfile: FilePath? = nil
    ) throws -> (tree: SourceTree, diagnostics: [Diagnostic]) {
        try tree(in: ContextDirectory(opening: path), dockerfile: dockerfile)
    }

    /// The same of a context that was fetched.
    package static func tree(
        fetched directory: Directory, dockerfile: FilePath? = nil
    ) throws -> (tree: SourceTree, diagnostics: [Diagnostic]) {
        try tree(in: ContextDirectory(directory), dockerfile: dockerfile)
    }

    private static func tree(
        in place: ContextDirectory, dockerfile: FilePath?
    ) throws -> (tree: SourceTree, diagnostics: [Diagnostic]) {
        var candidates: [ContextDirectory.Candidate] = []
        if let dockerfile {
            candidates = try DockerfileLocator(place: place).find(.path(dockerfile)).ignoreCandidates
        } else if let found = try? DockerfileLocator(place: place).find(.standard) {
            candidates = found.ignoreCandidates
        }
        let ignore = try place.ignoreFile(besides: candidates)
        let tree = SourceTree(directory: place.directory, ignore: ignore?.parsed.value, ownership: .root)
        return (tree, ignore?.parsed.diagnostics ?? [])
    }
}
