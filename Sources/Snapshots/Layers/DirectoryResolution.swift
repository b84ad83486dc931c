import SystemPackage

/// A walk from the root to a directory, a component at a time, through symlinks that are read by somebody else.
/// Never leaves the root: `..` at the top stays there, absolute targets begin there again.
struct DirectoryResolution {
    let wanted: FilePath
    /// Where the walk is: resolved, without symlinks.
    private(set) var path: FilePath = ""
    /// What is still to be walked, the next one last.
    private var pending: [FilePath.Component]
    private var links = 0

    init(layer path: FilePath) {
        wanted = path
        pending = path.components.reversed()
    }

    /// The path to look at next; nil when `path` is the place.
    mutating func next() -> FilePath? {
        while let component = pending.popLast() {
            switch component.kind {
            case .currentDirectory: continue
            case .parentDirectory: path.removeLastComponent()
            case .regular: return path.appending(component)
            }
        }
        return nil
    }

    /// It is a directory.
    mutating func enter(_ next: FilePath) { path = next }

    /// It is a symlink.
    mutating func follow(_ target: FilePath) throws {
        links += 1
        guard links <= 40, !target.isEmpty else {
            throw SnapshotError.refusedEntry(path: wanted, reason: "too many symbolic links")
        }
        if target.isAbsolute { path = "" }
        pending += target.components.reversed()
    }
}
