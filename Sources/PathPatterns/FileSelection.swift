/// Which files of a tree an instruction wants: the sources of a COPY or ADD without the destination.
package struct FileSelection: Hashable, Sendable {
    /// Cleaned, relative to the root of the tree, `..` clamped there; the root itself is `.`. May hold wildcards.
    package let sources: [String]
    /// Patterns of `--exclude`, as written: relative to the directory that is copied; for a file, its name.
    package let excludes: [String]

    package init(sources: [String], excludes: [String] = []) {
        self.sources = sources.map(PathCleaning.insideRoot)
        self.excludes = excludes
    }

    /// One line a reader of a cache key understands.
    package var description: String {
        excludes.isEmpty
            ? sources.joined(separator: " ")
            : sources.joined(separator: " ") + excludes.map { " without " + $0 }.joined()
    }
}
