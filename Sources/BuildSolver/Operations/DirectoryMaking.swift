import HostSystem
import SystemPackage

/// Where a path leads in a root: symbolic links followed, also dangling ones, `..` clamped at the top.
struct RootPath {
    /// Exists, and has no link on it.
    private(set) var found: FilePath = "/"
    /// What is not there, from `found` on.
    private(set) var missing: [FilePath.Component] = []

    /// As many as the kernel follows.
    private static let mostLinks = 40

    init(_ path: FilePath, in root: Directory) throws {
        var pending = Array(path.components.reversed())
        var links = 0
        while let next = pending.popLast() {
            switch next.kind {
            case .currentDirectory: continue
            case .parentDirectory:
                if missing.isEmpty { found.removeLastComponent() } else { missing.removeLast() }
                continue
            case .regular: break
            }
            guard missing.isEmpty, let metadata = try Self.existing(found.appending(next), in: root) else {
                missing.append(next)
                continue
            }
            guard metadata.kind == .symlink else {
                found.append(next)
                continue
            }
            links += 1
            guard links <= Self.mostLinks else {
                throw SystemError("follow", found.appending(next), .tooManySymbolicLinkLevels)
            }
            let target = try root.symlinkTarget(at: found.appending(next))
            if target.isAbsolute { found = "/" }
            pending.append(contentsOf: target.components.reversed())
        }
    }

    func isDirectory(in root: Directory) throws -> Bool {
        try missing.isEmpty && (found == "/" || root.metadata(at: found, followLast: false).kind == .directory)
    }

    private static func existing(_ path: FilePath, in root: Directory) throws -> FileMetadata? {
        do { return try root.metadata(at: path, followLast: false) } catch {
            if error.code == .notDirectory { throw NotADirectory(path: path.removingLastComponent()) }
            guard error.code == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }
}

/// Makes missing directories on a path inside a root, and leaves the times of what was there as they were: a layer
/// must not depend on when it was made.
struct DirectoryMaking {
    let root: Directory
    let mode: UInt32
    let owner: FileOwner?
    /// For the directories made; nil: the time of the directory above.
    var time: Timestamp?
    /// Touched directories, with the time to give them at the end.
    private var times: [(path: FilePath, modified: Timestamp)] = []
    private var touched: Set<FilePath> = ["/"]
    /// The last one made: a copy of many files goes to one place.
    private var latest: (path: FilePath, directory: Directory)?

    init(root: Directory, mode: UInt32, owner: FileOwner?, time: Timestamp?) {
        self.root = root
        self.mode = mode
        self.owner = owner
        self.time = time
    }

    /// The directory at `path`, every missing part of it made. Symbolic links on the way are followed inside the root.
    /// - Parameter mode: another one than usual.
    mutating func make(_ path: FilePath, mode given: UInt32? = nil) throws -> Directory {
        try make(RootPath(path, in: root), mode: given ?? mode).directory
    }

    /// The same, with its entries about to change: its time is put back at the end.
    mutating func open(_ path: FilePath, mode given: UInt32? = nil) throws -> Directory {
        if let latest, latest.path == path { return latest.directory }
        let made = try make(RootPath(path, in: root), mode: given ?? mode)
        try touch(made.path)
        latest = (path, made.directory)
        return made.directory
    }

    private mutating func make(_ place: RootPath, mode: UInt32) throws -> (path: FilePath, directory: Directory) {
        var current = place.found
        guard try current == "/" || root.metadata(at: current).kind == .directory else {
            throw NotADirectory(path: current)
        }
        if !place.missing.isEmpty { try touch(current) }
        for component in place.missing {
            let parent = try root.metadata(at: current, followLast: true)
            current = current.appending(component)
            try root.createDirectory(at: current, mode: mode)
            if let owner {
                try root.setOwner(at: current, uid: owner.uid, gid: owner.gid)
                // Changing the owner clears set-id bits.
                try root.setMode(at: current, mode)
            }
            touched.insert(current)
            times.append((current, time ?? Self.time(of: parent, at: current.removingLastComponent())))
        }
        return (current, try root.directory(at: current))
    }

    /// Something else may have changed what is on the way to the last directory made.
    mutating func forget() { latest = nil }

    /// Its time is put back at the end.
    private mutating func touch(_ path: FilePath) throws {
        guard touched.insert(path).inserted else { return }
        times.append((path, try root.metadata(at: path, followLast: true).modified))
    }

    /// Last of all: deepest first, so that nothing touches a directory after its time is set.
    func restoreTimes() throws {
        for (path, modified) in times.reversed() {
            let directory = try root.directory(at: path)
            try directory.setTimes(at: ".", modified: modified)
        }
    }

    /// The root of a snapshot is dated by when it was made, which must not show.
    private static func time(of metadata: FileMetadata, at path: FilePath) -> Timestamp {
        path == "/" ? Timestamp(seconds: 0) : metadata.modified
    }
}
