import FoundationEssentials
package import HostSystem
import OCI
package import SystemPackage

/// The directories behind `--mount=type=cache`. They belong to no image and no step:
///
///     <key>-<slot>/        data, and `info`; times of the directory tell when it was used last
///     <key>-<slot>.lock    held by whoever uses it: shared, or alone
///     new-<random>/        being made
///     .lock                shared while somebody takes one or makes one; alone while some are removed
///
/// Several slots of one key come from mounts that do not share. A process that dies lets go of its locks, and what it
/// wrote stays, as it would have after the step.
package struct CacheMountStore: Sendable {
    let directory: FilePath

    package init(directory: FilePath) { self.directory = directory }

    /// What is known of a cache mount.
    package struct Entry: Sendable, Hashable {
        /// The name of its directory.
        package var name: String
        /// As in the Dockerfile, without a name space that is empty.
        package var id: String
        package var created: Timestamp
        package var lastUsed: Timestamp
        package var isInUse: Bool

        package init(name: String, id: String, created: Timestamp, lastUsed: Timestamp, isInUse: Bool) {
            self.name = name
            self.id = id
            self.created = created
            self.lastUsed = lastUsed
            self.isInUse = isInUse
        }
    }

    private struct Info: Codable {
        var id: String
        var created: Int64
    }

    private static let registry: FilePath = ".lock"
    private static let mostSlots = 256

    // Using

    /// Takes one if one can be had without waiting; nil when all are in use and it must be one of those.
    /// - Parameters:
    ///   - fill: makes the content of a new one, given the directory in which it is to be called `data`.
    func take(
        key: String, id: String, sharing: FileLock.Mode, mayAdd: Bool, fill: (Directory) throws -> Void
    ) throws -> CacheMountHold? {
        let root = try Directory.making(directory, mode: 0o700)
        let registry = try FileLock.acquire(directory.appending(Self.registry.string), .shared)
        defer { registry.release() }
        for slot in 0..<Self.mostSlots {
            let name = "\(key)-\(slot)"
            let isThere = root.exists(FilePath(name))
            if !isThere, !mayAdd, slot > 0 { return nil }
            guard let lock = try FileLock.tryAcquire(directory.appending(name + ".lock"), sharing) else { continue }
            if !isThere { try make(name, id: id, in: root, fill: fill) }
            try root.setTimes(at: FilePath(name), modified: .now)
            let place = try root.directory(at: FilePath(name), followLast: false).resolvedPath().appending("data")
            return CacheMountHold(data: place, name: name, root: root, lock: lock)
        }
        return nil
    }

    private func make(_ name: String, id: String, in root: Directory, fill: (Directory) throws -> Void) throws {
        var generator = SystemRandomNumberGenerator()
        let early = FilePath("new-" + String(generator.next(), radix: 36))
        try root.createDirectory(at: early, mode: 0o700)
        do {
            let made = try root.directory(at: early, followLast: false)
            let info = Info(id: id, created: Timestamp.now.seconds)
            try made.createFile(at: "info", mode: 0o600).write(Array(JSONEncoder().encode(info)))
            try fill(made)
            try root.rename(early, to: FilePath(name), replacing: false)
        } catch {
            try? root.removeTree(early)
            // Two that share may have made it at the same time.
            guard root.exists(FilePath(name)) else { throw error }
        }
    }

    // Looking after

    /// All there are, the one used last first.
    package func list() throws -> [Entry] {
        guard let root = try? Directory(opening: directory) else { return [] }
        // To look whether one is in use is to take it for a moment: nobody may ask for it meanwhile.
        let registry = try FileLock.acquire(directory.appending(Self.registry.string), .exclusive)
        defer { registry.release() }
        return try entries(in: root)
    }

    private func entries(in root: Directory) throws -> [Entry] {
        try root.entries().compactMap { found -> Entry? in
            let name = found.name.string
            guard found.kind == .directory, !name.hasPrefix("new-") else { return nil }
            let path = FilePath(root: nil, [found.name])
            guard let metadata = try? root.metadata(at: path),
                let bytes = try? root.readFile(at: path.appending("info"), limit: 1 << 16),
                let info = try? JSONDecoder().decode(Info.self, from: Data(bytes))
            else { return nil }
            let lock = try? FileLock.tryAcquire(directory.appending(name + ".lock"))
            lock?.release()
            let id = info.id.hasPrefix("/") ? String(info.id.dropFirst()) : info.id
            return Entry(
                name: name, id: id, created: Timestamp(seconds: info.created), lastUsed: metadata.modified,
                isInUse: lock == nil)
        }.sorted { ($1.lastUsed, $0.name) < ($0.lastUsed, $1.name) }
    }

    /// What it takes on disk.
    package func bytes(of entry: Entry) -> Int64 {
        guard let data = try? Directory(opening: directory.appending(entry.name)) else { return 0 }
        var bytes: Int64 = 0
        var seen: Set<UInt64> = []
        try? TreeWalk.visit(data) { found in
            let isFirst = found.metadata.links == 1 || found.metadata.kind == .directory
                || seen.insert(found.metadata.inode).inserted
            if isFirst { bytes += found.metadata.blocks * 512 }
            return .descend
        }
        return bytes
    }

    /// Removes those that are asked for and that nobody uses, and what dead processes left unfinished.
    /// - Returns: bytes freed.
    package func remove(where isUnwanted: (Entry) -> Bool) throws -> Int64 {
        guard let root = try? Directory(opening: directory) else { return 0 }
        let registry = try FileLock.acquire(directory.appending(Self.registry.string), .exclusive)
        defer { registry.release() }
        var freed: Int64 = 0
        for entry in try entries(in: root) where isUnwanted(entry) {
            guard let lock = try FileLock.tryAcquire(directory.appending(entry.name + ".lock")) else { continue }
            freed += bytes(of: entry)
            try root.removeTree(FilePath(entry.name))
            try root.remove(FilePath(entry.name + ".lock"))
            lock.release()
        }
        for found in try root.entries() where found.name.string.hasPrefix("new-") {
            try root.removeTree(FilePath(root: nil, [found.name]))
        }
        return freed
    }
}

/// A cache mount in use. Let go of by `release`, or by the kernel when the process dies.
final class CacheMountHold: Sendable {
    /// On the host, absolute.
    let data: FilePath
    private let name: String
    private let root: Directory
    private let lock: FileLock

    init(data: FilePath, name: String, root: Directory, lock: FileLock) {
        self.data = data
        self.name = name
        self.root = root
        self.lock = lock
    }

    func release() {
        try? root.setTimes(at: FilePath(name), modified: .now)
        lock.release()
    }
}
