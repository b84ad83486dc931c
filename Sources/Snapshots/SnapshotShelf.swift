import HostSystem
import SystemPackage

/// Where snapshots lie, whatever their form:
///
///     committed/<id>/     fs/ and `parents`: the names it stands on, one a line, nearest first; of a stacked one also
///                         `content`: the name of the layer, whose files `fs` may be a link to
///     active/<token>/     the same while it is being written, and `lock`, held with flock by its writer
///     trash/              to be deleted; nothing in it has a meaning any more
///     empty/              stands in for scratch
///     lock                shared: an entry changes its place; exclusive: something goes away
///
/// A snapshot appears and disappears by one rename. A dead writer leaves a directory in `active` whose lock is free.
struct SnapshotShelf: Sendable {
    let path: FilePath

    init(_ path: FilePath) { self.path = path }

    static let files: FilePath = "fs"
    static let work: FilePath = "work"
    private static let parents: FilePath = "parents"
    private static let content: FilePath = "content"
    private static let lock: FilePath = "lock"
    /// `recover` deletes this many trees at most; the next one goes on.
    private static let mostDeletions = 64

    func committed(_ id: SnapshotID) -> FilePath { path.appending("committed").appending(id.name) }
    func active(_ token: String) -> FilePath { path.appending("active").appending(token) }
    var empty: FilePath { path.appending("empty") }
    private func trashed() -> FilePath { FilePath("trash").appending(SnapshotID.random().name) }

    /// Opens the shelf; makes it when it is not there.
    private func opened() throws -> Directory {
        let root = try Directory(opening: path.isAbsolute ? "/" : ".").createDirectories(at: path, mode: 0o700)
        if !root.exists("empty") {
            for name in ["committed", "active", "trash"] {
                _ = try root.createDirectories(at: FilePath(name), mode: 0o700)
            }
            _ = try root.createDirectories(at: "empty", mode: 0o755)
        }
        return root
    }

    private func locked(_ mode: FileLock.Mode) throws -> FileLock {
        try FileLock.acquire(path.appending("lock"), mode)
    }


    struct Active {
        var token: String
        var directory: Directory
        var owner: FileLock
        /// Nearest first.
        var parents: [SnapshotID]
    }

    /// Starts a snapshot: an empty directory that is known as ours. What it stands on, and the layer whose content it
    /// has, stay from now on.
    func begin(on parent: SnapshotID?, stacking layer: SnapshotID? = nil) throws -> Active {
        let root = try opened()
        let lock = try locked(.shared)
        defer { lock.release() }
        let parents = try parent.map { try [$0] + self.parents(of: $0) } ?? []
        if let layer, !contains(layer) { throw SnapshotError.missing(layer) }
        let token = SnapshotID.random().name
        let place = FilePath("active").appending(token)
        try root.createDirectory(at: place, mode: 0o700)
        do {
            let directory = try root.directory(at: place, followLast: false)
            guard let owner = try FileLock.tryAcquire(directory.createFile(at: Self.lock, mode: 0o600)) else {
                throw SnapshotError.finished(token: token)
            }
            let text = parents.map { $0.name + "\n" }.joined()
            try directory.createFile(at: Self.parents).write(Array(text.utf8))
            if let layer { try directory.createFile(at: Self.content).write(Array((layer.name + "\n").utf8)) }
            return Active(token: token, directory: directory, owner: owner, parents: parents)
        } catch {
            try? root.removeTree(place)
            throw error
        }
    }

    /// Gives the snapshot its name. The first to do so wins; a later one is dropped.
    func publish(_ snapshot: WritableSnapshot, as id: SnapshotID) throws {
        let root = try opened()
        let place = FilePath("active").appending(snapshot.token)
        guard root.exists(place) else { throw SnapshotError.finished(token: snapshot.token) }
        try root.removeTree(place.pushing(Self.work))
        let lock = try locked(.shared)
        // From here on it would pass for a dead one, but `recover` needs the lock exclusively.
        try root.removeTree(place.pushing(Self.lock))
        let isFirst = try Self.rename(
            place, to: FilePath("committed").appending(id.name), in: root, unless: [.fileExists, .directoryNotEmpty])
        lock.release()
        if !isFirst { try discard(snapshot) }
        snapshot.owner?.release()
    }

    func discard(_ snapshot: WritableSnapshot) throws {
        defer { snapshot.owner?.release() }
        guard isShelf else { return }
        try delete(FilePath("active").appending(snapshot.token), in: opened())
    }


    private var isShelf: Bool { (try? FileMetadata(at: path.appending("committed"))) != nil }

    func contains(_ id: SnapshotID) -> Bool { (try? FileMetadata(at: committed(id))) != nil }

    /// What it stands on, nearest first.
    func parents(of id: SnapshotID) throws -> [SnapshotID] {
        guard contains(id) else { throw SnapshotError.missing(id) }
        let bytes = try File(opening: committed(id).pushing(Self.parents)).readAll(limit: 1 << 20)
        var parents: [SnapshotID] = []
        for line in bytes.split(separator: 10) {
            guard let parent = SnapshotID(name: String(decoding: line, as: UTF8.self)) else {
                throw SnapshotError.damaged(id, "its list of parents cannot be read")
            }
            parents.append(parent)
        }
        return parents
    }

    /// The layer that a stacked one shows, else itself.
    func content(of id: SnapshotID) throws -> SnapshotID {
        guard contains(id) else { throw SnapshotError.missing(id) }
        guard let bytes = try? File(opening: committed(id).pushing(Self.content)).readAll(limit: 4096) else { return id }
        guard let layer = SnapshotID(name: String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)) else {
            throw SnapshotError.damaged(id, "the name of its layer cannot be read")
        }
        return layer
    }

    func list() throws -> [SnapshotID] {
        guard isShelf else { return [] }
        return try opened().directory(at: "committed").entries()
            .compactMap { SnapshotID(name: $0.name.string) }
            .sorted { $0.name < $1.name }
    }


    func remove(_ id: SnapshotID) throws {
        guard isShelf, contains(id) else { return }
        let root = try opened()
        let lock = try locked(.exclusive)
        defer { lock.release() }
        if let child = try child(of: id, root) { throw SnapshotError.inUse(id, by: child) }
        let trash = trashed()
        let place = FilePath("committed").appending(id.name)
        guard try Self.rename(place, to: trash, in: root, unless: [.noSuchFileOrDirectory]) else { return }
        lock.release()
        try root.removeTree(trash)
    }

    /// Somebody whose nearest parent or whose layer is `id`, committed or being written.
    private func child(of id: SnapshotID, _ root: Directory) throws -> String? {
        let wanted = Array(id.name.utf8)
        for shelf in ["committed", "active"] {
            let directory = try root.directory(at: FilePath(shelf))
            for entry in try directory.entries() {
                for name in [Self.parents, Self.content] {
                    let file = FilePath(root: nil, [entry.name]).pushing(name)
                    guard let bytes = try? directory.readFile(at: file, limit: 1 << 20) else { continue }
                    if bytes.prefix(while: { $0 != 10 }).elementsEqual(wanted) { return entry.name.string }
                }
            }
        }
        return nil
    }

    /// Takes it out of sight at once, then deletes it.
    private func delete(_ place: FilePath, in root: Directory) throws {
        let trash = trashed()
        guard try Self.rename(place, to: trash, in: root, unless: [.noSuchFileOrDirectory]) else { return }
        try root.removeTree(trash)
    }

    /// Never replaces. False when it failed for one of these reasons.
    private static func rename(
        _ old: FilePath, to new: FilePath, in root: Directory, unless reasons: Set<Errno>
    ) throws -> Bool {
        do {
            try root.rename(old, to: new, replacing: false)
            return true
        } catch {
            guard reasons.contains(error.code) else { throw error }
            return false
        }
    }

    /// Clears away what dead writers left. What cannot be deleted stays in the trash and is tried again next time.
    func recover() throws {
        guard isShelf else { return }
        let root = try opened()
        let writers = try root.directory(at: "active").entries()
        if !writers.isEmpty {
            let lock = try locked(.exclusive)
            defer { lock.release() }
            for writer in writers {
                let place = FilePath("active").appending(writer.name)
                if isDead(place, root) { try? root.rename(place, to: trashed()) }
            }
        }
        let trash = try root.directory(at: "trash")
        for entry in try trash.entries().prefix(Self.mostDeletions) {
            try? trash.removeTree(FilePath(root: nil, [entry.name]))
        }
    }

    private func isDead(_ place: FilePath, _ root: Directory) -> Bool {
        do {
            let file = try root.openFile(at: place.pushing(Self.lock), options: [.read, .write])
            return try FileLock.tryAcquire(file) != nil
        } catch {
            // It died before it had a lock. Any other error: leave it alone.
            return error.code == .noSuchFileOrDirectory
        }
    }
}
