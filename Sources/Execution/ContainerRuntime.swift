package import HostSystem

/// Runs one process in one root.
package protocol ContainerRuntime: Sendable {
    /// Runs to the end and streams output as it comes. A non-zero exit is a result, not an error.
    /// Cancelling the task kills everything in the container and throws `CancellationError`; nothing of it stays.
    func run(
        _ process: ContainerProcess, in root: RootFilesystem,
        output: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit

    /// Removes what dead processes left. To be called before the first run; cheap when there is nothing. Blocks.
    func recover() throws

    /// Lets go of what is kept from run to run, for a process that is about to exit. No run may be under way.
    func close()
}

extension ContainerRuntime {
    package func recover() throws {}
    package func close() {}
}

/// What to run and with what around it.
package struct ContainerProcess: Sendable {
    package enum Network: String, Sendable, Hashable { case host, none }
    package enum Stream: Sendable { case captured, inherited }
    /// What setrlimit(2) sets.
    package struct ResourceLimit: Sendable, Hashable {
        /// As in `ulimit`: `nofile`, `nproc`.
        package var name: String
        package var soft: UInt64
        package var hard: UInt64
        package init(name: String, soft: UInt64, hard: UInt64) {
            self.name = name
            self.soft = soft
            self.hard = hard
        }
        package static let unlimited = UInt64.max
    }
    /// A bind, tmpfs or other mount in the container, applied in order.
    package struct Mount: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            /// `source` on the host.
            case bind(source: String, readOnly: Bool)
            case tmpfs(sizeBytes: Int64?, mode: UInt32)
            /// What is at `path` of a file system, absolute and without symbolic links.
            case filesystem(RootFilesystem, path: String, readOnly: Bool)
            /// A file that is never on a disk.
            case secret([UInt8], owner: FileOwner, mode: UInt32)
            /// A read-only directory with these executable files.
            case scripts([String: [UInt8]])
            /// A socket that leads to another one of the host.
            case socket(upstream: String, owner: FileOwner, mode: UInt32)
        }
        package var target: String
        package var kind: Kind
        package init(target: String, kind: Kind) {
            self.target = target
            self.kind = kind
        }
    }

    package var arguments: [String]
    package var environment: [String]
    /// `K=V` that no file on a disk may ever hold.
    package var privateEnvironment: [String] = []
    package var workingDirectory: String
    /// `name`, `name:group`, `uid`, `uid:gid` or empty, resolved in the root's own passwd and group files.
    package var user: String
    package var network: Network
    package var mounts: [Mount]
    package var hostname: String
    /// `HOST:IP` lines to add to /etc/hosts.
    package var extraHosts: [String]
    package var readOnlyRoot: Bool
    package var addInit: Bool
    /// `.inherited` passes stdin, stdout and stderr of this process straight through (for `jettison run`).
    package var streams: Stream
    package var memoryLimitBytes: Int64?
    package var sharedMemoryBytes: Int64
    package var limits: [ResourceLimit] = []
    /// Called with the root before the process starts, on the mount the process will see: an overlay's upper directory
    /// can be mounted once only.
    package var prepare: (@Sendable (Directory) throws -> Void)?

    package init(
        arguments: [String], environment: [String], workingDirectory: String = "/", user: String = "",
        network: Network = .host, mounts: [Mount] = [], hostname: String = "build",
        extraHosts: [String] = [], readOnlyRoot: Bool = false, addInit: Bool = false, streams: Stream = .captured,
        memoryLimitBytes: Int64? = nil, sharedMemoryBytes: Int64 = 64 << 20
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.network = network
        self.mounts = mounts
        self.hostname = hostname
        self.extraHosts = extraHosts
        self.readOnlyRoot = readOnlyRoot
        self.addInit = addInit
        self.streams = streams
        self.memoryLimitBytes = memoryLimitBytes
        self.sharedMemoryBytes = sharedMemoryBytes
    }
}

/// A piece of output, as read: not necessarily whole lines.
package struct ProcessOutput: Sendable {
    package enum Stream: String, Sendable { case stdout, stderr }
    package var stream: Stream
    package var bytes: [UInt8]
    package init(_ stream: Stream, _ bytes: [UInt8]) {
        self.stream = stream
        self.bytes = bytes
    }
}

/// How a process ended.
package enum ProcessExit: Sendable, Hashable {
    case exited(Int32)
    case signaled(Int32)
    /// Killed by the kernel because its control group or the machine had no memory left.
    case outOfMemory

    package var isSuccess: Bool { self == .exited(0) }
    /// As a shell reports it.
    package var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        case .outOfMemory: 137
        }
    }
}
