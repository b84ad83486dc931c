import CHost
package import SystemPackage

/// A program to start, and the namespaces around it.
package struct ContainerSpawn: Sendable {
    /// Where its standard streams lead.
    package enum Streams: Sendable, Hashable {
        /// Nothing to read; what it writes is handed over. It gets a session of its own.
        case captured
        /// This process's own. With `ownGroup` signals typed at the terminal do not reach it.
        case inherited(ownGroup: Bool)
    }

    /// A mount and pid namespace that dies with the program, and with it everything mounted or started inside.
    package struct Isolation: Sendable {
        package enum Root: Sendable {
            case detached(DetachedMount)
            case directory(FilePath)
        }
        package struct Attachment: Sendable {
            package var mount: DetachedMount
            package var target: FilePath
            package init(_ mount: DetachedMount, at target: FilePath) {
                self.mount = mount
                self.target = target
            }
        }
        /// Attached at `target`.
        package var root: Root?
        package var target: FilePath
        /// Mount points taken away before the program starts.
        package var unmounted: [FilePath]
        /// Mount points that are made read-only before the program starts.
        package var readOnly: [FilePath]
        /// More mounts, attached in this order at directories that are there.
        package var attached: [Attachment] = []
        package init(
            root: Root? = nil, target: FilePath = "/", unmounted: [FilePath] = [], readOnly: [FilePath] = []
        ) {
            self.root = root
            self.target = target
            self.unmounted = unmounted
            self.readOnly = readOnly
        }
    }

    package var executable: FilePath
    /// The first one is the program's name for itself.
    package var arguments: [String]
    package var environment: [String]
    package var workingDirectory: FilePath?
    package var streams: Streams
    package var isolation: Isolation?

    package init(
        _ executable: FilePath, arguments: [String], environment: [String] = [], workingDirectory: FilePath? = nil,
        streams: Streams = .captured, isolation: Isolation? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.streams = streams
        self.isolation = isolation
    }

    /// How the program ended.
    package enum Exit: Sendable, Hashable {
        case exited(Int32)
        case signaled(Int32)
    }

    package enum Output: Sendable { case stdout, stderr }
}

/// Stops a running program from any thread, once, at any time: before it started it does not start.
package final class SpawnCancellation: Sendable {
    private struct State {
        var pidfd: Int32 = -1
        var isCancelled = false
    }
    private let state = Monitor(State())

    package init() {}

    package var isCancelled: Bool { state.with { $0.isCancelled } }

    /// SIGKILL to the program. As the first process of its pid namespace it takes all others with it.
    package func cancel() {
        state.with { state in
            state.isCancelled = true
            if state.pidfd >= 0 { _ = chost_signal(state.pidfd, 9) }
        }
    }

    fileprivate func started(_ pidfd: Int32) {
        state.with { state in
            state.pidfd = pidfd
            if state.isCancelled { _ = chost_signal(pidfd, 9) }
        }
    }

    /// From now on the number may belong to another program.
    fileprivate func ended() { state.with { $0.pidfd = -1 } }
}

/// A thread that starts programs inside the control groups that it entered; see chost_spawn.h for why it lives on.
/// What it started dies with it. One program at a time is started; any number may run.
///
/// Unchecked: the pointer never changes, the C side takes a mutex, and `turn` allows one job at a time.
package final class Spawner: @unchecked Sendable {
    private let thread: OpaquePointer
    private let turn = Monitor(())
    /// Let go of, and so removed, when the thread has left it.
    private let group: ControlGroup?
    private let cgroup: File?

    /// - Parameter group: programs are started in it.
    package init(in group: ControlGroup? = nil) throws(SystemError) {
        let tasks = group?.threadFiles ?? []
        var made: OpaquePointer?
        let result = CStrings.with(tasks.map(\.bytes)) { names in
            names.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: tasks.count + 1) {
                chost_spawner_create($0, tasks.count, &made)
            }
        }
        try check(result, "start a thread for containers", tasks.first?.string)
        guard let made else { throw SystemError("start a thread for containers", code: .noMemory) }
        thread = made
        self.group = group
        cgroup = try group?.unified?.openFile(at: ".")
    }

    deinit { chost_spawner_destroy(thread) }

    /// Starts the program, hands over its output as it comes, and waits for its end. Blocks: for a thread of the
    /// blocking pool. Cancelled, it kills, waits and returns like for any other end.
    package func run(
        _ spawn: ContainerSpawn, cancellation: SpawnCancellation,
        output: (ContainerSpawn.Output, [UInt8]) -> Void
    ) throws(SystemError) -> ContainerSpawn.Exit {
        let streams = try SpawnStreams(spawn.streams)
        let child = try start(spawn, streams)
        streams.closeChildSide()
        defer { _ = chost_close(child.pidfd) }
        cancellation.started(child.pidfd)
        let forwards = spawn.streams != .captured && chost_forward_signals(child.pidfd) == 0
        streams.pump(until: child.pidfd, output)
        if forwards { chost_stop_forwarding() }
        cancellation.ended()
        let status = try check(chost_reap(child.pid), "wait for", spawn.executable.string)
        return status >= 256 ? .signaled(Int32(status - 256)) : .exited(Int32(status))
    }

    fileprivate func start(_ spawn: ContainerSpawn, _ streams: SpawnStreams) throws(SystemError) -> chost_spawned {
        var result = chost_spawned()
        let isolation = spawn.isolation
        var texts = [spawn.executable, spawn.workingDirectory, isolation?.target].map { $0?.bytes }
        if case .directory(let path) = isolation?.root { texts.append(path.bytes) } else { texts.append(nil) }
        var mount: Int32 = -1
        if case .detached(let root) = isolation?.root { mount = root.descriptor }
        let attached = isolation?.attached ?? []
        let descriptors = attached.map(\.mount.descriptor)
        let unmounted = isolation?.unmounted ?? []
        let readOnly = isolation?.readOnly ?? []
        let mounts = unmounted.map(\.bytes) + [nil] + readOnly.map(\.bytes) + [nil] + attached.map(\.target.bytes)
        let outcome = CStrings.with(spawn.arguments.map { Array($0.utf8) }) { arguments in
            CStrings.with(spawn.environment.map { Array($0.utf8) }) { environment in
                CStrings.with(texts + mounts) { texts in
                    var job = chost_spawn()
                    job.executable = UnsafePointer(texts[0])
                    job.arguments = UnsafePointer(arguments)
                    job.environment = UnsafePointer(environment)
                    job.directory = UnsafePointer(texts[1])
                    job.streams = streams.childSide
                    job.group = Int32(spawn.streams.group)
                    job.isolated = isolation != nil
                    job.sealed = isolation != nil
                    job.root_mount = mount
                    job.root_directory = UnsafePointer(texts[3])
                    job.root_target = isolation?.root == nil ? nil : UnsafePointer(texts[2])
                    job.cgroup = cgroup?.descriptor ?? -1
                    return (texts + 4).withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: mounts.count) {
                        job.unmounted = UnsafePointer($0)
                        job.read_only = UnsafePointer($0 + unmounted.count + 1)
                        job.mount_targets = UnsafePointer($0 + unmounted.count + readOnly.count + 2)
                        return descriptors.withUnsafeBufferPointer { descriptors in
                            job.mounts = descriptors.baseAddress
                            return turn.with { _ in chost_spawner_spawn(thread, &job, &result) }
                        }
                    }
                }
            }
        }
        withExtendedLifetime(isolation) {}
        guard outcome != 0 else { return result }
        throw SystemError(
            Self.action(at: Int(result.stage)), path: spawn.executable.string, code: Errno(rawValue: result.error))
    }

    private static func action(at stage: Int) -> String {
        switch stage {
        case CHOST_STAGE_CLONE: "make the namespaces for"
        case CHOST_STAGE_CGROUP: "enter the control group for"
        case CHOST_STAGE_MOUNTS_PRIVATE: "separate the mounts for"
        case CHOST_STAGE_PROC: "mount /proc for"
        case CHOST_STAGE_ROOT: "attach the root filesystem for"
        case CHOST_STAGE_ATTACH: "attach the mounts for"
        case CHOST_STAGE_STREAMS: "connect the output of"
        case CHOST_STAGE_DIRECTORY: "enter the working directory for"
        default: "execute"
        }
    }
}

extension ContainerSpawn.Streams {
    fileprivate var group: Int {
        switch self {
        case .captured: CHOST_GROUP_SESSION
        case .inherited(let ownGroup): ownGroup ? CHOST_GROUP_OWN : CHOST_GROUP_INHERITED
        }
    }
}

/// The ends of the pipes of a child.
private final class SpawnStreams {
    private var read: [Int32] = []
    private var write: [Int32] = []
    private var null: Int32 = -1

    var childSide: (Int32, Int32, Int32) { write.isEmpty ? (-1, -1, -1) : (null, write[0], write[1]) }

    init(_ streams: ContainerSpawn.Streams) throws(SystemError) {
        guard streams == .captured else { return }
        null = Int32(truncatingIfNeeded: try check(chost_open("/dev/null", 0, 0), "open", "/dev/null"))
        for _ in 0..<2 {
            var ends: [Int32] = [-1, -1]
            try check(chost_pipe(&ends), "make a pipe", nil)
            read.append(ends[0])
            write.append(ends[1])
            try check(chost_set_nonblocking(ends[0]), "make a pipe", nil)
        }
    }

    deinit {
        closeChildSide()
        for descriptor in read { _ = chost_close(descriptor) }
    }

    func closeChildSide() {
        for descriptor in write + [null] where descriptor >= 0 { _ = chost_close(descriptor) }
        write = []
        null = -1
    }

    /// Hands over what the child writes until it has ended. By then whatever held the other ends is dead as well.
    func pump(until pidfd: Int32, _ output: (ContainerSpawn.Output, [UInt8]) -> Void) {
        var open: [Int32] = read + [pidfd]
        let streams: [ContainerSpawn.Output] = [.stdout, .stderr]
        var hasEnded = false
        while !hasEnded {
            var ready: UInt32 = 0
            guard chost_poll_readable(open, open.count, -1, &ready) > 0 else { return }
            hasEnded = ready & (1 << UInt32(open.count - 1)) != 0
            for index in read.indices where ready & (1 << UInt32(index)) != 0 || hasEnded {
                // At the end all that is left is read, else one piece of each in turn, to keep their order close.
                while open[index] >= 0, let bytes = Self.piece(open[index]) {
                    if bytes.isEmpty { open[index] = -1 } else { output(streams[index], bytes) }
                    if !hasEnded { break }
                }
            }
        }
    }

    /// nil when there is nothing now, empty at the end.
    private static func piece(_ descriptor: Int32) -> [UInt8]? {
        var count: Int64 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, filled in
            count = chost_read(descriptor, buffer.baseAddress, buffer.count)
            filled = max(0, Int(count))
        }
        return count < 0 ? nil : bytes
    }
}

/// A program that runs beside us, its output thrown away, until this object goes; it never outlives this process.
///
/// Unchecked: nothing is changed after init.
package final class BackgroundProgram: @unchecked Sendable {
    private let spawner: Spawner
    private let streams: SpawnStreams
    private let child: chost_spawned

    package init(_ spawn: ContainerSpawn) throws(SystemError) {
        spawner = try Spawner()
        streams = try SpawnStreams(.captured)
        child = try spawner.start(spawn, streams)
        streams.closeChildSide()
    }

    /// SIGKILL; returns when it has ended.
    deinit {
        _ = chost_signal(child.pidfd, 9)
        _ = chost_reap(child.pid)
        _ = chost_close(child.pidfd)
    }
}

/// Arrays of C strings, for the time of a call.
enum CStrings {
    /// A nil element becomes a NULL pointer; so does the one after the last.
    static func with<T>(
        _ texts: [[UInt8]?], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        let size = texts.reduce(1) { $0 + ($1?.count ?? 0) + 1 }
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        defer {
            bytes.deallocate()
            pointers.deallocate()
        }
        var next = bytes
        for (index, text) in texts.enumerated() {
            (pointers + index).initialize(to: text == nil ? nil : next)
            guard let text else { continue }
            for byte in text {
                next.initialize(to: CChar(bitPattern: byte))
                next += 1
            }
            next.initialize(to: 0)
            next += 1
        }
        (pointers + texts.count).initialize(to: nil)
        return body(pointers)
    }

    static func with<T>(
        _ texts: [[UInt8]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        with(texts.map { $0 as [UInt8]? }, body)
    }
}

extension FilePath {
    /// Without the terminating zero.
    var bytes: [UInt8] {
        withPlatformString { text in
            var bytes: [UInt8] = []
            var next = text
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return bytes
        }
    }
}
