import BuildPlan
import Execution
package import HostSystem
import SystemPackage

/// Makes a WORKDIR that is not there yet.
package struct WorkdirPerformance {
    let operation: WorkdirOperation
    let root: Directory
    let epoch: Int64?

    /// Makes a working directory that a config names and no layer has.
    package static func ensure(_ path: String, in root: Directory) throws {
        try WorkdirPerformance(operation: WorkdirOperation(path: path, owner: ""), root: root, epoch: nil).run()
    }

    func run() throws {
        let owner = operation.owner.isEmpty ? nil : try CopyOwner.named(operation.owner, in: root)
        var making = DirectoryMaking(root: root, mode: 0o755, owner: owner, time: epoch.map { Timestamp(seconds: $0) })
        _ = try making.make(FilePath(operation.path))
        try making.restoreTimes()
    }
}

/// Makes missing directories on a path inside a root, and leaves the times of what was there as they were: a layer
/// must not depend on when it was made.
struct DirectoryMaking {
    let root: Directory
    let mode: UInt32
    let owner: FileOwner?
    /// For the directories made; nil: the time of the directory above.
    let time: Timestamp?
    /// Touched directories, with the time to give them at the end.
    private var times: [(path: FilePath, modified: Timestamp)] = []

    init(root: Directory, mode: UInt32, owner: FileOwner?, time: Timestamp?) {
        self.root = root
        self.mode = mode
        self.owner = owner
        self.time = time
    }

    /// The directory at `path`, every missing part of it made. Symbolic links on the way are followed inside the root.
    mutating func make(_ path: FilePath) throws -> Directory {
        var current = FilePath("/")
        var missing: [FilePath.Component] = Array(path.components)
        var linksLeft = 40
        while let next = missing.first {
            let candidate = current.appending(next)
            guard let metadata = try existing(candidate) else {
                guard linksLeft > 0, let target = try danglingTarget(candidate, below: current) else { break }
                linksLeft -= 1
                missing = Array(target.components) + missing.dropFirst()
                current = "/"
                continue
            }
            guard metadata.kind == .directory else { throw NotADirectory(path: candidate) }
            current = candidate
            missing.removeFirst()
        }
        if !missing.isEmpty { try touch(current) }
        for component in missing {
            let parent = try root.metadata(at: current, followLast: true)
            current = current.appending(component)
            try root.createDirectory(at: current, mode: mode)
            // mkdir obeys the umask.
            try root.setMode(at: current, mode)
            if let owner { try root.setOwner(at: current, uid: owner.uid, gid: owner.gid) }
            times.append((current, time ?? Self.time(of: parent, at: current.removingLastComponent())))
        }
        return try root.directory(at: current)
    }

    /// Notes that entries of this directory are about to change, so that its time is put back at the end.
    mutating func touch(_ path: FilePath) throws {
        guard !times.contains(where: { $0.path == path }), path != "/" else { return }
        times.append((path, try root.metadata(at: path, followLast: true).modified))
    }

    /// Last of all: deepest first, so that nothing touches a directory after its time is set.
    func restoreTimes() throws {
        for (path, modified) in times.reversed() {
            let directory = try root.directory(at: path)
            try directory.setTimes(at: ".", modified: modified)
        }
    }

    /// Where a symbolic link without a target points, seen from the root; nil when `path` is no link at all.
    private func danglingTarget(_ path: FilePath, below parent: FilePath) throws -> FilePath? {
        guard (try? root.metadata(at: path, followLast: false))?.kind == .symlink else { return nil }
        let target = try root.symlinkTarget(at: path)
        return FilePath("/").pushing((target.isAbsolute ? target : parent.pushing(target)).lexicallyNormalized())
    }

    private func existing(_ path: FilePath) throws -> FileMetadata? {
        do { return try root.metadata(at: path, followLast: true) } catch {
            guard error.code == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    /// The root of a snapshot is dated by when it was made, which must not show.
    private static func time(of metadata: FileMetadata, at path: FilePath) -> Timestamp {
        path == "/" ? Timestamp(seconds: 0) : metadata.modified
    }
}

/// A path that has to be a directory is something else.
struct NotADirectory: Error, CustomStringConvertible {
    let path: FilePath
    var description: String { "\(path) exists and is not a directory" }
}
