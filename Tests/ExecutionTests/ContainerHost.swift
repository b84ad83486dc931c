import Execution
import HostSystem
import SystemPackage
import Testing

/// What these tests need of the machine.
enum Host {
    static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let busybox = HostFacts.program("busybox", searchPath: searchPath)
    static let canRun = HostIdentity.canMount && busybox != nil
    static let whyNot: Comment = "needs root and a static busybox: apt-get install busybox-static"
    static let installed = RuntimeFlavor.allCases.filter {
        HostFacts.program($0.rawValue, searchPath: searchPath) != nil
    }
    static let canLimitMemory = ControlGroups.ofThisProcess().memoryGroup != nil

    /// Every runtime that is here with every kind of root.
    static let cases = installed.flatMap { [ContainerCase($0, .directory), ContainerCase($0, .overlay)] }
}

struct ContainerCase: Sendable, CustomTestStringConvertible {
    enum Root: String, Sendable { case directory, overlay }
    var flavor: RuntimeFlavor
    var root: Root
    init(_ flavor: RuntimeFlavor, _ root: Root) {
        self.flavor = flavor
        self.root = root
    }
    var testDescription: String { "\(flavor) on \(root)" }
}

/// A small root and a runtime for it, in a directory that goes away.
struct ContainerHost: Sendable {
    let temporary: TemporaryDirectory
    let runtime: CommandLineRuntime
    let root: RootFilesystem

    static let applets = [
        "awk", "cat", "dd", "echo", "env", "false", "grep", "head", "hostname", "id", "ifconfig", "kill", "ls", "mkdir",
        "mknod", "nproc", "printf", "pwd", "rm", "sh", "sleep", "stat", "sync", "tail", "tee", "test", "touch", "tr",
        "true", "uname", "unshare", "wc",
    ]

    /// - Parameter isBare: nothing but busybox: no /etc, no /proc.
    init(_ which: ContainerCase, isBare: Bool = false) throws {
        temporary = try TemporaryDirectory(prefix: "jettison-exec-")
        let base = try temporary.directory.createDirectories(at: "base")
        let bin = try base.createDirectories(at: "bin")
        let program = try #require(Host.busybox)
        try bin.createFile(at: "busybox", mode: 0o755).copyContents(from: File(opening: program))
        for name in Self.applets { try bin.createSymlink(at: FilePath(name), target: "busybox") }
        if !isBare {
            let etc = try base.createDirectories(at: "etc")
            try etc.writeFile(
                Array("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:An app:/home/app:/bin/sh\n".utf8), at: "passwd")
            try etc.writeFile(
                Array("root:x:0:\napps:x:1001:\nwheel:x:10:root,app\nextra:x:20:app\n".utf8), at: "group")
            try base.createDirectory(at: "tmp", mode: 0o1777)
            try base.createDirectory(at: "work")
        }
        for path in ["bin", "etc", "tmp", "work", ""] where base.exists(FilePath(path)) {
            try base.setTimes(at: FilePath(path), modified: Timestamp(seconds: 1_000_000_000))
        }
        switch which.root {
        case .directory: root = .directory(temporary.path.appending("base"))
        case .overlay:
            for name in ["upper", "work"] { try temporary.directory.createDirectory(at: FilePath(name)) }
            let upper = try temporary.directory.directory(at: "upper")
            try upper.setTimes(at: "", modified: Timestamp(seconds: 1_000_000_000))
            root = .overlay(
                OverlayLayout(
                    lowers: [temporary.path.appending("base")], upper: temporary.path.appending("upper"),
                    work: temporary.path.appending("work")))
        }
        runtime = CommandLineRuntime(
            runs: temporary.path.appending("runs"), searchPath: Host.searchPath, flavors: [which.flavor])
    }

    /// Where what a run writes is found afterwards.
    func written() throws -> Directory {
        switch root {
        case .directory(let path): try Directory(opening: path)
        case .overlay(let layout): try Directory(opening: layout.upper ?? "/nonexistent")
        }
    }

    struct Result: Sendable {
        var exit: ProcessExit
        var pieces: [ProcessOutput]
        var stdout: String { text(.stdout) }
        var stderr: String { text(.stderr) }
        private func text(_ stream: ProcessOutput.Stream) -> String {
            String(decoding: pieces.filter { $0.stream == stream }.flatMap(\.bytes), as: UTF8.self)
        }
    }

    func shell(_ script: String, _ configure: (inout ContainerProcess) -> Void = { _ in }) async throws -> Result {
        try await command(["/bin/sh", "-c", script], configure)
    }

    func command(
        _ arguments: [String], _ configure: (inout ContainerProcess) -> Void = { _ in },
        whenWritten: @escaping @Sendable (ProcessOutput) -> Void = { _ in }
    ) async throws -> Result {
        var process = ContainerProcess(arguments: arguments, environment: ["PATH=/bin", "GREETING=hello world"])
        configure(&process)
        let pieces = Monitor<[ProcessOutput]>([])
        let exit = try await runtime.run(process, in: root) { piece in
            pieces.with { $0.append(piece) }
            whenWritten(piece)
        }
        return Result(exit: exit, pieces: pieces.with { $0 })
    }
}
