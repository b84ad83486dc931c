package import HostSystem
package import SystemPackage

/// Keeps each snapshot as a whole tree of its own, sharing blocks where the file system can. Works everywhere; costs a
/// copy a step. For hosts that refuse overlayfs.
package struct CopyingSnapshotter: Snapshotter {
    private let shelf: SnapshotShelf

    package init(directory: FilePath) { shelf = SnapshotShelf(directory) }

    /// Made when the copy was complete: what has an older ctime was not touched since.
    private static let stamp: FilePath = "stamp"

    package func prepare(on parent: SnapshotID?) throws -> WritableSnapshot { try prepare(on: parent, stacking: nil) }

    private func prepare(on parent: SnapshotID?, stacking layer: SnapshotID?) throws -> WritableSnapshot {
        let active = try shelf.begin(on: parent, stacking: layer)
        let snapshot = WritableSnapshot(
            token: active.token, parent: parent,
            root: .directory(shelf.active(active.token).pushing(SnapshotShelf.files)), owner: active.owner)
        do {
            try active.directory.createDirectory(at: SnapshotShelf.files, mode: 0o755)
            if let parent {
                try TreeCopy.copy(
                    Directory(opening: files(parent)), to: active.directory.directory(at: SnapshotShelf.files))
            }
            _ = try active.directory.createFile(at: Self.stamp)
        } catch {
            try? shelf.discard(snapshot)
            throw error
        }
        return snapshot
    }

    package func commit(_ snapshot: WritableSnapshot, as id: SnapshotID) throws { try shelf.publish(snapshot, as: id) }
    package func stack(_ layer: SnapshotID, on parent: SnapshotID?, as id: SnapshotID) throws {
        let snapshot = try prepare(on: parent, stacking: layer)
        do {
            let own = try snapshot.ownFiles()
            try TreeCopy.stack(Directory(opening: files(layer)), on: own)
        } catch {
            try? shelf.discard(snapshot)
            throw error
        }
        try shelf.publish(snapshot, as: id)
    }

    package func content(of id: SnapshotID) throws -> SnapshotID { try shelf.content(of: id) }
    package func discard(_ snapshot: WritableSnapshot) throws { try shelf.discard(snapshot) }
    package func contains(_ id: SnapshotID) -> Bool { shelf.contains(id) }
    package func parent(of id: SnapshotID) throws -> SnapshotID? { try shelf.parents(of: id).first }
    package func list() throws -> [SnapshotID] { try shelf.list() }
    package func remove(_ id: SnapshotID) throws { try shelf.remove(id) }
    package func recover() throws { try shelf.recover() }

    package func root(of id: SnapshotID) throws -> RootFilesystem {
        guard contains(id) else { throw SnapshotError.missing(id) }
        return .directory(files(id))
    }

    package func changes(in id: SnapshotID) throws -> SnapshotChanges {
        let old = try parent(of: id).map { try Directory(opening: files($0)) }
        let new = try Directory(opening: files(id))
        let stamp = try FileMetadata(at: shelf.committed(id).pushing(Self.stamp)).changed
        let before = try old.map { try FileAttributes(of: $0) } ?? .plainDirectory
        return SnapshotChanges(
            directory: files(id), form: .list(try TreeComparison(untouchedBefore: stamp).changes(from: old, to: new)),
            includesRoot: try !FileAttributes(of: new).isSame(as: before))
    }

    private func files(_ id: SnapshotID) -> FilePath { shelf.committed(id).pushing(SnapshotShelf.files) }
}
