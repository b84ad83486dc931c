package import HostSystem
package import SystemPackage

/// Keeps each snapshot as the upper directory of an overlay: what it changed, and nothing else. Needs a kernel and a
/// file system that let this process mount overlayfs (`isUsable`).
package struct OverlaySnapshotter: Snapshotter {
    private let shelf: SnapshotShelf

    package init(directory: FilePath) { shelf = SnapshotShelf(directory) }

    /// Tries a mount in `directory`, which is made when it is missing. About a millisecond.
    package static func isUsable(in directory: FilePath) -> Bool {
        let snapshotter = OverlaySnapshotter(directory: directory)
        guard let trial = try? snapshotter.prepare(on: nil) else { return false }
        defer { try? snapshotter.discard(trial) }
        return (try? trial.root.open().createFile(at: "trial")) != nil
    }

    package func prepare(on parent: SnapshotID?) throws -> WritableSnapshot {
        let active = try shelf.begin(on: parent)
        let path = shelf.active(active.token)
        let layout = OverlayLayout(
            lowers: active.parents.isEmpty ? [shelf.empty] : active.parents.map(files),
            upper: path.pushing(SnapshotShelf.files), work: path.pushing(SnapshotShelf.work))
        let snapshot = WritableSnapshot(
            token: active.token, parent: parent, root: .overlay(layout), owner: active.owner)
        do {
            try active.directory.createDirectory(at: SnapshotShelf.work, mode: 0o700)
            try active.directory.createDirectory(at: SnapshotShelf.files, mode: 0o755)
            // The merged root shows the attributes of the upper one.
            if let parent {
                let below = try Directory(opening: files(parent))
                try FileAttributes(of: below).apply(to: active.directory.directory(at: SnapshotShelf.files))
            }
        } catch {
            try? shelf.discard(snapshot)
            throw error
        }
        return snapshot
    }

    package func commit(_ snapshot: WritableSnapshot, as id: SnapshotID) throws { try shelf.publish(snapshot, as: id) }
    package func stack(_ layer: SnapshotID, on parent: SnapshotID?, as id: SnapshotID) throws {
        let active = try shelf.begin(on: parent, stacking: layer)
        let snapshot = WritableSnapshot(
            token: active.token, parent: parent, root: .directory(shelf.active(active.token)), owner: active.owner)
        do {
            let layerFiles = try Directory(opening: files(layer))
            let below = try parent.map { try FileAttributes(of: Directory(opening: files($0))) }
            // An overlay takes a directory only once.
            let isBelow = try ([parent].compactMap { $0 } + active.parents).contains { try $0 == layer || content(of: $0) == layer }
            if !isBelow, try below?.isSame(as: FileAttributes(of: layerFiles)) ?? true {
                // Read in place: seen from `committed/<id>`.
                let place = FilePath("..").appending(layer.name).pushing(SnapshotShelf.files)
                try active.directory.createSymlink(at: SnapshotShelf.files, target: place)
            } else {
                // The merged root shows the attributes of the upper one, so it needs one of its own.
                try active.directory.createDirectory(at: SnapshotShelf.files, mode: 0o755)
                let own = try active.directory.directory(at: SnapshotShelf.files)
                try TreeCopy.copy(layerFiles, to: own)
                try below?.apply(to: own)
            }
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
        .overlay(OverlayLayout(lowers: try ([id] + shelf.parents(of: id)).map(files)))
    }

    package func changes(in id: SnapshotID) throws -> SnapshotChanges {
        let parents = try shelf.parents(of: id)
        let below = parents.isEmpty ? nil : RootFilesystem.overlay(OverlayLayout(lowers: parents.map(files)))
        let own = try FileAttributes(of: Directory(opening: files(id)))
        let other = try parents.first.map { try FileAttributes(of: Directory(opening: files($0))) }
        return SnapshotChanges(
            directory: files(id), form: .upper(parent: below),
            includesRoot: !own.isSame(as: other ?? .plainDirectory))
    }

    private func files(_ id: SnapshotID) -> FilePath { shelf.committed(id).pushing(SnapshotShelf.files) }
}
