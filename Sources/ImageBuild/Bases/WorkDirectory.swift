import ContentStorage
import HostSystem
import SystemPackage

/// A directory below the store's `tmp` for one base image in the making. A lock tells others that it is in use; what a
/// killed process left behind goes when the next base is made.
final class WorkDirectory: Sendable {
    let directory: TemporaryDirectory
    private let lock: FileLock?
    var path: FilePath { directory.path }

    /// `isShared`: in `/tmp`, where the users that a user namespace maps can get to. The store's own is its owner's alone.
    init(in paths: StorePaths, isShared: Bool) throws {
        guard !isShared else {
            directory = try TemporaryDirectory(in: "/tmp", prefix: "jettison-" + Self.prefix)
            lock = nil
            try directory.directory.setMode(at: ".", 0o755)
            return
        }
        let parent = try paths.open(paths.temporary)
        // Held until our own lock is taken, so that nobody finds the new directory without it.
        let making = try FileLock.acquire(paths.temporary.appending("base.lock"))
        defer { making.release() }
        Self.removeAbandoned(in: parent, paths.temporary)
        directory = try TemporaryDirectory(in: paths.temporary, prefix: Self.prefix)
        lock = try FileLock.acquire(directory.path.appending(Self.lockName))
        // apt downloads as a user of its own, who must be able to get here.
        try directory.directory.setMode(at: ".", 0o755)
    }

    /// Removes it now: a process that ends does not wait for its last references.
    func remove() { try? directory.remove() }

    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o644) throws -> FilePath {
        try directory.directory.createFile(at: FilePath(name), mode: mode).write(bytes)
        return path.appending(name)
    }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    /// The number that a file holds.
    func readNumber(_ name: String) throws -> Int64 {
        let text = String(decoding: try directory.directory.readFile(at: FilePath(name), limit: 4096), as: UTF8.self)
        guard let number = Int64(text.prefix { !$0.isWhitespace }) else {
            throw BaseError.badArchive("no package in it has a build date")
        }
        return number
    }

    private static let prefix = "base-"
    private static let lockName = "lock"

    private static func removeAbandoned(in parent: Directory, _ path: FilePath) {
        for entry in (try? parent.entries()) ?? [] where entry.kind == .directory && entry.name.string.hasPrefix(prefix) {
            // Its owner is dead when the lock can be had, or was never taken.
            guard let lock = try? FileLock.tryAcquire(path.appending(entry.name.string).appending(lockName)) else { continue }
            try? parent.removeTree(FilePath(entry.name.string))
            lock.release()
        }
    }
}
