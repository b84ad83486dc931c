import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage

/// Paths in a tree that look like one that is not there.
struct NearMisses {
    let tree: SourceTree
    /// A message is not worth reading more of a tree than this.
    private static let mostEntries = 20_000
    private static let most = 3

    private struct Enough: Error {}

    /// Best first: the same path in other letter case, the same name elsewhere, a similar path.
    func paths(like wanted: FilePath) throws -> [String] {
        guard let wantedName = wanted.lastComponent?.string else { return [] }
        let wantedPath = wanted.string
        let folded = wantedPath.lowercased()
        let parent = wanted.removingLastComponent().string
        var sameButCase: [String] = []
        var sameName: [String] = []
        var siblings: [String] = []
        var all: [String] = []
        var seen = 0
        do {
            try VisibleWalk(tree: tree, top: PathResolver(tree: tree).top()).visit { visited in
                seen += 1
                guard seen <= Self.mostEntries else { throw Enough() }
                let path = FilePath(raw: visited.relative)
                let text = path.string
                if text.lowercased() == folded {
                    sameButCase.append(text)
                } else if path.lastComponent?.string == wantedName {
                    sameName.append(text)
                } else if path.removingLastComponent().string == parent {
                    siblings.append(path.lastComponent?.string ?? text)
                } else if text.utf8.count <= 64 {
                    all.append(text)
                }
            }
        } catch is Enough {} catch is SystemError {
            // An unreadable corner of the tree must not hide why the source is missing.
        }
        var result = sameButCase + sameName.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        if let name = Suggestion.nearest(to: wantedName, among: siblings) {
            result.append(parent.isEmpty ? name : parent + "/" + name)
        }
        if result.count < Self.most, let path = Suggestion.nearest(to: wantedPath, among: all) { result.append(path) }
        return Array(result.prefix(Self.most))
    }
}
