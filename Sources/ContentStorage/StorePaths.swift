package import HostSystem
package import SystemPackage

/// Where things are below the store's root. Nothing is created until something is written.
package struct StorePaths: Sendable, Hashable {
    package let root: FilePath
    package init(root: FilePath) { self.root = root }

    package var blobs: FilePath { root.appending("blobs").appending("sha256") }
    package var images: FilePath { root.appending("images") }
    package var untagged: FilePath { images.appending("untagged") }
    package var layers: FilePath { root.appending("layers") }
    /// Which layer a snapshot is, by snapshot name.
    package var snapshotLayers: FilePath { layers.appending("snapshots") }
    package var leases: FilePath { root.appending("leases") }
    package var temporary: FilePath { root.appending("tmp") }

    /// Opens a directory below the root, making what is missing. The root itself is made for its owner alone: layers
    /// hold set-user-id programs.
    package func open(_ path: FilePath) throws(SystemError) -> Directory {
        if let found = try ifPresent({ () throws(SystemError) in try Directory(opening: path) }) { return found }
        let top = try Directory(opening: root.isAbsolute ? "/" : ".")
        let made = try top.createDirectories(at: root, mode: 0o700)
        var below = path
        guard below.removePrefix(root) else { return try Directory(opening: path) }
        return below.isEmpty ? made : try made.createDirectories(at: below, mode: 0o755)
    }

    /// The names in a directory that may not be there yet.
    package func names(in path: FilePath) throws(SystemError) -> [String] {
        let directory = try ifPresent { () throws(SystemError) in try Directory(opening: path) }
        return try directory?.entries().filter { $0.kind == .file }.map(\.name.string).sorted() ?? []
    }

    /// A small file's bytes; nil when it is not there.
    func read(_ path: FilePath, limit: Int = 1 << 20) throws(SystemError) -> [UInt8]? {
        try ifPresent { () throws(SystemError) in try File(opening: path) }?.readAll(limit: limit)
    }

    /// Taken shared by whoever makes or relies on blobs, exclusively by the collector while it decides and removes.
    func lockCollection(_ mode: FileLock.Mode) throws(SystemError) -> FileLock {
        _ = try open(leases)
        return try FileLock.acquire(leases.appending(".lock"), mode)
    }

    /// Removes a file. False when it was not there.
    @discardableResult
    func remove(_ name: String, in directory: FilePath) throws(SystemError) -> Bool {
        let removed: Void? = try ifPresent { () throws(SystemError) in
            try Directory(opening: directory).remove(FilePath(name))
        }
        return removed != nil
    }
}

/// nil when what `body` looks for does not exist.
func ifPresent<Result>(_ body: () throws(SystemError) -> Result) throws(SystemError) -> Result? {
    do { return try body() } catch {
        if error.code == .noSuchFileOrDirectory { return nil }
        throw error
    }
}
