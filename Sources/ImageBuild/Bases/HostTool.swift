import Archives
import HostSystem
import SystemPackage

/// Starts programs of the host: apt-get and mmdebstrap. They get an environment of their own, so that nothing of the
/// user's session (PYTHON…, LANG, umask) shows in an image. As root they run in process and mount namespaces of their
/// own: when they or we are killed, everything they started and mounted is gone.
struct HostTool: Sendable {
    let environment: BaseEnvironment
    private let spawner: Spawner
    /// Added to every program's environment.
    var variables: [String: String] = [:]

    init(environment: BaseEnvironment) throws {
        self.environment = environment
        spawner = try Spawner()
    }

    struct Output: Sendable {
        var standardOutput: String
        var errorLines: [String]
        /// nil when it exited with 0.
        var failure: String?
    }

    /// Where a program is. Throws `toolMissing`, naming the Debian package that brings it.
    func locate(_ program: String, from package: String) throws(BaseError) -> FilePath {
        for directory in environment.searchPath + ["/usr/sbin", "/usr/bin", "/sbin", "/bin"] {
            let path = FilePath(directory).appending(program)
            if let found = try? FileMetadata(at: path), found.kind != .directory { return path }
        }
        throw .toolMissing(program: program, package: package)
    }

    /// Runs a program to its end. `report` gets the lines of its standard error.
    func run(
        _ program: FilePath, _ arguments: [String], in place: FilePath = "/",
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Output {
        let (output, lines, failure) = try await stream(program, arguments, in: place, report: report) { reader in
            var bytes: [UInt8] = []
            var reader = reader
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { return bytes }
                guard bytes.count + count <= 32 << 20 else { throw BaseError.badArchive("\(program) says too much") }
                bytes.append(contentsOf: buffer[..<count])
            }
        }
        return Output(
            standardOutput: String(decoding: try output.get(), as: UTF8.self), errorLines: lines, failure: failure)
    }

    /// Runs a program and hands its standard output, as it comes, to `consume` on a thread of its own. When `consume`
    /// stops early, or the task is cancelled, the program is killed.
    func stream<Value: Sendable>(
        _ program: FilePath, _ arguments: [String], in place: FilePath = "/",
        report: @escaping @Sendable (String) -> Void,
        consume: @escaping @Sendable (ByteQueue.Reader) throws -> Value
    ) async throws -> (value: Result<Value, any Error>, errorLines: [String], failure: String?) {
        let queue = ByteQueue()
        let cancellation = SpawnCancellation()
        let spawn = spawn(program, arguments, in: place)
        return try await withTaskCancellationHandler {
            async let consumed = BlockingPool.run { () -> Result<Value, any Error> in
                defer { queue.abandon() }
                return Result { try consume(ByteQueue.Reader(queue)) }
            }
            let (lines, exit) = try await BlockingPool.run {
                defer { queue.close() }
                var lines = LineCollector(report: report)
                let exit = try spawner.run(spawn, cancellation: cancellation) { stream, bytes in
                    switch stream {
                    case .stderr: lines.add(bytes)
                    case .stdout: if !queue.send(bytes) { cancellation.cancel() }
                    }
                }
                lines.finish()
                return (lines.lines, exit)
            }
            let value = try await consumed
            try Task.checkCancellation()
            return (value, lines, Self.failure(exit))
        } onCancel: {
            cancellation.cancel()
            queue.abandon()
        }
    }

    /// A shell sets the umask, which some maintainer scripts follow.
    private func spawn(_ program: FilePath, _ arguments: [String], in place: FilePath) -> ContainerSpawn {
        var all = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": environment.isRoot ? "/root" : "/", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
            "DEBCONF_NONINTERACTIVE_SEEN": "true", "PYTHONHASHSEED": "0",
        ]
        all.merge(environment.variables) { _, new in new }
        all.merge(variables) { _, new in new }
        return ContainerSpawn(
            "/bin/sh", arguments: ["sh", "-c", "umask 022; exec \"$@\"", "sh", program.string] + arguments,
            environment: all.map { $0.key + "=" + $0.value }.sorted(), workingDirectory: place, streams: .captured,
            isolation: HostIdentity.canMount ? ContainerSpawn.Isolation() : nil)
    }

    private static func failure(_ exit: ContainerSpawn.Exit) -> String? {
        switch exit {
        case .exited(0): nil
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "killed by signal \(signal)"
        }
    }
}

/// Makes lines of what arrives in pieces; keeps the last few hundred.
private struct LineCollector {
    let report: @Sendable (String) -> Void
    private(set) var lines: [String] = []
    private var rest: [UInt8] = []

    init(report: @escaping @Sendable (String) -> Void) { self.report = report }

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes {
            if byte == 10 || rest.count > 8192 { endLine() }
            if byte != 10 { rest.append(byte) }
        }
    }

    mutating func finish() { if !rest.isEmpty { endLine() } }

    private mutating func endLine() {
        let line = String(decoding: rest, as: UTF8.self)
        rest = []
        report(line)
        lines.append(line)
        if lines.count > 400 { lines.removeFirst(200) }
    }
}
