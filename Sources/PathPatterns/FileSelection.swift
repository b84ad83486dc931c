/// Which files of a tree an instruction wants: the sources of a COPY or ADD without the destination.
package struct FileSelection: Hashable, Sendable {
    /// Cleaned, relative to the root of the tree, `..` clamped there; the root itself is `.`. May hold wildcards.
    package let sources: [String]
    /// Patterns of `--exclude`, as written: relative to the directory that is copied; for a file, its name.
    package let excludes: [String]

    /// `--parents`: what a source names keeps the directories above it, up to the top or to the `/./` in the source.
    /// A source is then `TOP/./PATTERN`, and a `**` in the pattern stands for any number of directories.
    package let keepsParents: Bool

    package init(sources: [String], excludes: [String] = [], keepsParents: Bool = false) {
        self.sources = keepsParents ? sources.map(Self.pivoted) : sources.map(PathCleaning.insideRoot)
        self.excludes = excludes
        self.keepsParents = keepsParents
    }

    private static let pivot = "/./"

    private static func pivoted(_ source: String) -> String {
        guard let range = source.firstRange(of: pivot) else { return "." + pivot + PathCleaning.insideRoot(source) }
        return PathCleaning.insideRoot(String(source[..<range.lowerBound])) + pivot
            + PathCleaning.insideRoot(String(source[range.upperBound...]))
    }

    /// The two sides of a source of `--parents`.
    package static func sides(of source: String) -> (top: String, pattern: String) {
        guard let range = source.firstRange(of: pivot) else { return (".", source) }
        return (String(source[..<range.lowerBound]), String(source[range.upperBound...]))
    }

    /// One line a reader of a cache key understands.
    package var description: String {
        let text = (keepsParents ? "with parents " : "") + sources.joined(separator: " ")
        return text + excludes.map { " without " + $0 }.joined()
    }
}
