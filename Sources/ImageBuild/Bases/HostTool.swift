import Archives
import HostSystem
import Subprocess
import SystemPackage

/// Starts programs of the host: apt-get, dpkg-deb, mmdebstrap. They get an environment of their own, so that nothing of
/// the user's session (PYTHON…, LANG, umask) shows in an image.
struct HostTool: Sendable {
    var environment: BaseEnvironment
    /// Added to every program's environment.
    var variables: [String: String] = [:]

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
        _ program: FilePath, _ arguments: [String], in place: FilePath = "/", report: @Sendable (String) -> Void = { _ in }
    ) async throws -> Output {
        let (output, lines, failure) = try await stream(program, arguments, in: place, report: report) { reader in
            var bytes: [UInt8] = []
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

    /// Runs a program and hands its standard output, as it comes, to `consume` on a blocking thread. When `consume`
    /// stops early the program gets a broken pipe; when the task is cancelled, SIGTERM and time to clean up.
    func stream<Value: Sendable>(
        _ program: FilePath, _ arguments: [String], in place: FilePath = "/", report: @Sendable (String) -> Void,
        consume: @escaping @Sendable (inout FileByteReader) throws -> Value
    ) async throws -> (value: Result<Value, any Error>, errorLines: [String], failure: String?) {
        let pipe = try FileDescriptor.pipe(options: .closeOnExec)
        async let consumed = BlockingPool.run { () -> Result<Value, any Error> in
            // Closed with its last reference: a program that is not listened to any more gets a broken pipe.
            let file = File(adopting: pipe.readEnd.rawValue, path: program)
            return Result {
                var reader = try FileByteReader(file)
                return try consume(&reader)
            }
        }
        var platform = PlatformOptions()
        platform.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))]
        let result: ExecutionResult<[String], FileDescriptorOutput, SequenceOutput>
        do {
            // A shell sets the umask, which Subprocess cannot: some maintainer scripts make files that follow it.
            result = try await Subprocess.run(
                .path("/bin/sh"), arguments: .init(["-c", "umask 022; exec \"$@\"", "sh", program.string] + arguments),
                environment: .custom(allVariables), workingDirectory: place, platformOptions: platform, input: .none,
                output: .fileDescriptor(pipe.writeEnd, closeAfterSpawningProcess: true), error: .sequence
            ) { execution in
                var lines: [String] = []
                for try await line in execution.standardError.strings() {
                    report(line)
                    lines.append(line)
                    if lines.count > 400 { lines.removeFirst(200) }
                }
                return lines
            }
        } catch {
            _ = try? await consumed
            throw error
        }
        try Task.checkCancellation()
        return (try await consumed, result.closureResult, Self.failure(result.terminationStatus))
    }

    private var allVariables: [Environment.Key: String] {
        var all = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive", "DEBCONF_NONINTERACTIVE_SEEN": "true", "PYTHONHASHSEED": "0",
        ]
        all.merge(environment.variables) { _, new in new }
        all.merge(variables) { _, new in new }
        var keyed: [Environment.Key: String] = [:]
        for (name, value) in all { if let key = Environment.Key(rawValue: name) { keyed[key] = value } }
        return keyed
    }

    private static func failure(_ status: TerminationStatus) -> String? {
        switch status {
        case .exited(0): nil
        case .exited(let code): "exit code \(code)"
        default: "\(status)"
        }
    }
}
