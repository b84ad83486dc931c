package import HostSystem
import SystemPackage

/// Names a root filesystem on disk. A base image's layers are named by their ChainID (`sha256-<hex>`), a step's result
/// by a fresh random name: two runs of the same key may differ, and naming by content would cost a tar and a hash.
package struct SnapshotID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Lower-case letters, digits and `-`; at most 100 characters. Safe as a file name.
    package let name: String
    package init?(name: String) {
        guard !name.isEmpty, name.utf8.count <= 100,
            name.utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) || $0 == 45 })
        else { return nil }
        self.name = name
    }

    private init(unchecked name: String) { self.name = name }

    package static func random() -> SnapshotID {
        var generator = SystemRandomNumberGenerator()
        let high = String(generator.next(), radix: 36)
        let low = String(generator.next(), radix: 36)
        return SnapshotID(unchecked: "s-\(high)-\(low)")
    }
    package var description: String { name }
}

/// A snapshot being written. Exactly one of `commit` and `discard` ends it.
/// Hold the value until then: when the last copy goes, `recover` may take the snapshot for a dead process's.
package struct WritableSnapshot: Sendable {
    package let token: String
    package let parent: SnapshotID?
    package let root: RootFilesystem
    /// Tells other processes that this one lives and is writing.
    let owner: FileLock?

    package init(token: String, parent: SnapshotID?, root: RootFilesystem) {
        self.init(token: token, parent: parent, root: root, owner: nil)
    }

    init(token: String, parent: SnapshotID?, root: RootFilesystem, owner: FileLock?) {
        self.token = token
        self.parent = parent
        self.root = root
        self.owner = owner
    }
}

extension WritableSnapshot {
    /// Its own directory, when it stands on nothing: what is written there has no marks of an overlay on it, so that it
    /// can be stacked on anything.
    package func ownFiles() throws -> Directory {
        switch root {
        case .directory(let path): try Directory(opening: path, called: "/")
        case .overlay(let layout):
            if parent == nil, let upper = layout.upper { try Directory(opening: upper, called: "/") } else { try root.open() }
        }
    }
}

/// Keeps root filesystems. Synchronous: callers run it on a blocking pool. Safe between processes that share the store.
package protocol Snapshotter: Sendable {
    /// Starts a snapshot on top of a committed parent (nil: empty). Throws when the parent is missing.
    /// A crash leaves only something that `recover` removes.
    func prepare(on parent: SnapshotID?) throws -> WritableSnapshot

    /// Makes the writable snapshot visible under `id`, atomically. When `id` exists already the new one is
    /// discarded and the old one stays: whoever came first wins.
    func commit(_ snapshot: WritableSnapshot, as id: SnapshotID) throws

    /// Makes a snapshot `id` that shows what `layer` holds stacked on `parent`: directories are united, with the layer's
    /// attributes, and everything else of the layer replaces what is in its place. `layer` is a snapshot that stands on
    /// nothing and was written through `ownFiles`. It cannot be removed before `id` is. As with `commit`, an `id` that
    /// exists stays.
    func stack(_ layer: SnapshotID, on parent: SnapshotID?, as id: SnapshotID) throws

    /// The snapshot whose changes these are: the layer of a stacked one, else itself.
    func content(of id: SnapshotID) throws -> SnapshotID

    /// Drops a writable snapshot. Idempotent.
    func discard(_ snapshot: WritableSnapshot) throws

    func contains(_ id: SnapshotID) -> Bool
    func parent(of id: SnapshotID) throws -> SnapshotID?
    func list() throws -> [SnapshotID]

    /// A read-only root: what a container of this snapshot would see. Nothing is mounted in the host's table.
    func root(of id: SnapshotID) throws -> RootFilesystem

    /// What this snapshot changed against its parent, in path order.
    func changes(in id: SnapshotID) throws -> SnapshotChanges

    /// Removes a snapshot that no other one stands on. Throws when one does. Idempotent.
    func remove(_ id: SnapshotID) throws

    /// Removes what dead processes left behind. Cheap when there is nothing.
    func recover() throws
}
