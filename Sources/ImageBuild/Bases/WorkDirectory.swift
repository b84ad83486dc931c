import ContentStorage
import HostSystem
import SystemPackage

/// A directory below the store's `tmp` for one base image in the making. A lock tells others that it is in use; what a
/// killed process left behind goes when the next base is made.
final class WorkDirectory: Sendable {
    let directory: TemporaryDirectory
    private let lock: FileLock
    var path: FilePath { directory.path }

    init(in paths: StorePaths) throws {
        let parent = try paths.open(paths.temporary)
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

    /// A young one may belong to somebody who has not taken the lock yet.
    private static func removeAbandoned(in parent: Directory, _ path: FilePath) {
        let oldest = Timestamp.now.seconds - 600
        for entry in (try? parent.entries()) ?? [] where entry.name.string.hasPrefix(prefix) {
            let name = FilePath(entry.name.string)
            guard let found = try? parent.metadata(at: name), found.kind == .directory, found.modified.seconds < oldest,
                let lock = try? FileLock.tryAcquire(path.appending(entry.name.string).appending(lockName))
            else { continue }
            try? parent.removeTree(name)
            lock.release()
        }
    }
}
