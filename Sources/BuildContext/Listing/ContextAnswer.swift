import HostSystem
package import PathPatterns
package import SystemPackage

/// Whether a build sees one path, and which line of the ignore file says so: what `context why` shows.
package enum ContextAnswer: Sendable, Hashable {
    /// The rule is an exception that takes it back in; nil when no rule speaks of it.
    case included(ContextListing.File, by: IgnoreRule?)
    case excluded(path: FilePath, by: IgnoreRule?)
    /// Not on disk. The rule would exclude it; the suggestions may have been meant.
    case missing(path: FilePath, excludedBy: IgnoreRule?, suggestions: [String])
    /// A symlink on the way leads to nothing inside the context.
    case broken(link: FilePath)

    package init(on path: FilePath, in tree: SourceTree) throws {
        switch try PathResolver(tree: tree).resolve(path, followLast: false) {
        case .found(let place):
            let file = ContextListing.File(path: place.path, kind: place.metadata.kind, size: place.metadata.size)
            self = .included(file, by: place.cursor.verdict.entry.flatMap { tree.ignore?.rules[$0] })
        case .hidden(let rule): self = .excluded(path: path, by: rule)
        case .dangling(let link): self = .broken(link: link)
        case .missing:
            let decision = tree.ignore?.decision(for: path.string)
            self = .missing(
                path: path, excludedBy: decision.flatMap { $0.ignored ? $0.rule : nil },
                suggestions: try NearMisses(tree: tree).paths(like: path))
        }
    }
}
