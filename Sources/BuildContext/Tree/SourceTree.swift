package import HostSystem
package import PathPatterns
package import SystemPackage

/// Files that instructions may copy from: the build context, or the root of a snapshot.
///
/// Read in place and never written. Every path is resolved inside the directory, whatever its symlinks say, and what
/// the ignore file hides does not exist. Synchronous: callers run it on a blocking pool.
package struct SourceTree: Sendable {
    package enum Ownership: Sendable, Hashable {
        /// Everything belongs to 0:0, and the top directory has mode 0755: a context looks the same on every machine.
        case root
        /// As on disk: snapshots.
        case asFound
    }

    package let directory: Directory
    package let ignore: IgnoreFile?
    package let memo: ContentMemo?
    package let ownership: Ownership

    package init(
        directory: Directory, ignore: IgnoreFile? = nil, memo: ContentMemo? = nil, ownership: Ownership = .asFound
    ) {
        self.directory = directory
        self.ignore = ignore
        self.memo = memo
        self.ownership = ownership
    }

    /// Metadata as builds see it.
    func presented(_ metadata: FileMetadata, isTop: Bool = false) -> FileMetadata {
        guard ownership == .root else { return metadata }
        var metadata = metadata
        metadata.uid = 0
        metadata.gid = 0
        if isTop { metadata.mode = 0o755 }
        return metadata
    }

    /// The same failure with a path that starts at the top of the tree instead of at the host's root.
    func relative(_ error: SystemError, below prefix: FilePath? = nil) -> SystemError {
        var error = error
        let top = directory.path.string
        if let prefix, let path = error.path {
            error.path = prefix.pushing(FilePath(path)).string
        } else if let path = error.path, path.hasPrefix(top + "/") {
            error.path = String(path.dropFirst(top.utf8.count + 1))
        } else if error.path == top {
            error.path = "."
        }
        return error
    }

    /// Runs `body`, with failures told relative to the top.
    func relatively<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as SystemError { throw relative(error) }
    }
}

/// A file or directory that one source of a selection names.
package struct SourceMatch: Sendable, Hashable {
    /// Index into the selection's sources.
    package var source: Int
    /// Where it is, relative to the top of the tree, all symlinks resolved; empty for the top itself.
    package var path: FilePath
    /// The path by which it was found: of a symlink that was followed, the link's. Empty for the top itself.
    package var matchedPath: FilePath
    package var metadata: FileMetadata
    /// Found by a pattern, not named.
    package var isWildcard: Bool
    /// Of a directory: only what this pattern matches, and what is in that, is wanted. nil: everything.
    package var wanted: String?

    /// The name that a copy of it gets in a directory; nil for the top of the tree.
    package var matchedName: FilePath.Component? { matchedPath.lastComponent }
}

/// One file of a walk.
package struct SourceEntry: Sendable, Hashable {
    /// Relative to the match; empty for the match itself.
    package var relative: FilePath
    /// Relative to the top of the tree.
    package var path: FilePath
    package var metadata: FileMetadata
    /// A directory that is only on the way to what is wanted.
    package var isPassage = false
}
