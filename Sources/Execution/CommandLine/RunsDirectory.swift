import HostSystem
import SystemPackage

/// Where runs keep their files: `<session>/` for each process (lock, control groups, a `run-N/` for each run), and what
/// is known of the runtimes. A session whose lock can be taken belonged to a process that is dead.
final class RunsDirectory: Sendable {
    let path: FilePath
    let directory: Directory

    init(at path: FilePath) throws(SystemError) {
        self.path = path
        directory = try Directory(opening: "/").createDirectories(at: path, mode: 0o700)
    }

    static let sessionPrefix = "session-"
    static let earlyPrefix = "new-"

    /// Makes a session of this process.
    func makeSession() throws(SystemError) -> RunsSession {
        var generator = SystemRandomNumberGenerator()
        let token = String(generator.next() as UInt64, radix: 36)
        let name = FilePath(Self.sessionPrefix + token)
        // Under another name until it is locked: `recover` of another process would take it for dead.
        let early = FilePath(Self.earlyPrefix + token)
        try directory.createDirectory(at: early, mode: 0o700)
        let session = try directory.directory(at: early, followLast: false)
        guard let lock = try FileLock.tryAcquire(try session.openFile(at: "lock", options: [.read, .write, .create]))
        else { throw SystemError("lock", path.pushing(name), .wouldBlock) }
        let groups = ControlGroups.ofThisProcess()
        groups.removeOrphans()
        let groupPrefix = "\(ControlGroups.prefix)\(HostIdentity.process)-\(token)-"
        let record = [groupPrefix] + groups.parents.map(\.string)
        try session.writeFile(Array(record.joined(separator: "\n").utf8), at: "groups")
        try directory.rename(early, to: name)
        return RunsSession(
            parent: self, name: name, directory: session, path: path.pushing(name), lock: lock,
            groups: groups, groupPrefix: groupPrefix)
    }

    /// Removes what dead processes left: their control groups and files. Their processes and mounts died with them.
    func recover() throws(SystemError) {
        for entry in try directory.entries() {
            let name = FilePath(root: nil, [entry.name])
            let isEarly = entry.name.string.hasPrefix(Self.earlyPrefix)
            guard isEarly || entry.name.string.hasPrefix(Self.sessionPrefix),
                let session = try? directory.directory(at: name, followLast: false)
            else { continue }
            if isEarly, !isOlderThanAMinute(session) { continue }
            guard let lock = try? FileLock.tryAcquire(session.openFile(at: "lock", options: [.read, .write, .create]))
            else { continue }
            removeGroups(of: session)
            try? directory.removeTree(name)
            lock.release()
        }
    }

    private func removeGroups(of session: Directory) {
        guard let record = try? session.readFile(at: "groups", limit: 1 << 16) else { return }
        let lines = String(decoding: record, as: UTF8.self).split(separator: "\n").map(String.init)
        guard let prefix = lines.first, prefix.hasPrefix(ControlGroups.prefix) else { return }
        ControlGroups.removeGroups(below: lines.dropFirst().map { FilePath($0) }, prefix: prefix)
    }

    private func isOlderThanAMinute(_ session: Directory) -> Bool {
        guard let metadata = try? session.metadata() else { return false }
        return metadata.modified.seconds < Timestamp.now.seconds - 60
    }
}

/// What one process has in the runs directory. Removed on deinit.
final class RunsSession: Sendable {
    let directory: Directory
    let path: FilePath
    let groups: ControlGroups
    let groupPrefix: String
    private let parent: RunsDirectory
    private let name: FilePath
    private let lock: FileLock
    private let counter = Monitor(0)

    init(
        parent: RunsDirectory, name: FilePath, directory: Directory, path: FilePath, lock: FileLock,
        groups: ControlGroups, groupPrefix: String
    ) {
        self.parent = parent
        self.name = name
        self.directory = directory
        self.path = path
        self.lock = lock
        self.groups = groups
        self.groupPrefix = groupPrefix
    }

    deinit { try? parent.directory.removeTree(name) }

    /// Counts up.
    func nextNumber() -> Int {
        counter.with { count in
            count += 1
            return count
        }
    }
}
