import HostSystem
package import Snapshots

/// What a snapshot holds beyond its parent.
package struct SnapshotUsage: Sendable, Hashable {
    /// Sum of the sizes of added and modified files, in bytes; hard links count once.
    package var bytes: Int64 = 0
    /// Paths added, modified and removed.
    package var entries = 0
}

extension SnapshotChanges {
    package func usage() throws -> SnapshotUsage {
        var usage = SnapshotUsage(bytes: 0, entries: includesRoot ? 1 : 0)
        var linked = Set<UInt64>()
        func count(_ metadata: FileMetadata) {
            guard metadata.kind == .file else { return }
            if metadata.links > 1, !linked.insert(metadata.inode).inserted { return }
            usage.bytes += metadata.size
        }
        let root = try Directory(opening: directory)
        switch form {
        case .upper:
            try TreeWalk.visit(root) { entry in
                usage.entries += 1
                count(entry.metadata)
                return .descend
            }
        case .list(let changes):
            usage.entries += changes.count
            for change in changes where change.kind == .written { count(try root.metadata(at: change.path)) }
        }
        return usage
    }
}
