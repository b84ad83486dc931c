import Execution
import Glibc
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// `jettison run`: the container has this process's own streams.
@Suite(.enabled(if: Host.canRun, Host.whyNot))
struct InheritedStreamsTests {
    @Test(arguments: Host.installed)
    func passesStreamsAndExitOn(_ flavor: RuntimeFlavor) async throws {
        let name = flavor.rawValue
        let result = await #expect(
            processExitsWith: .exitCode(7), observing: [\.standardOutputContent, \.standardErrorContent]
        ) { [name = name as String] in
            try await InheritedProcess.run(name, "echo out; echo err >&2; exit 7")
        }
        #expect(result.map { String(decoding: $0.standardOutputContent, as: UTF8.self).contains("out\n") } == true)
        #expect(result.map { String(decoding: $0.standardErrorContent, as: UTF8.self).contains("err\n") } == true)
    }

    @Test(arguments: Host.installed)
    func passesSignalsOn(_ flavor: RuntimeFlavor) async throws {
        let name = flavor.rawValue
        await #expect(processExitsWith: .exitCode(42)) { [name = name as String] in
            // The script tells this process, its reader, that the trap is set by ending up in the file.
            try await InheritedProcess.run(
                name,
                "trap 'exit 42' TERM; touch /out/ready; n=0; while test $n -lt 400; do n=$((n+1)); sleep 0.05; done",
                signal: "TERM")
        }
    }

    @Test(
        .enabled(
            if: HostFacts.program("tini", searchPath: Host.searchPath) != nil,
            "needs an init program: apt-get install tini"),
        arguments: Host.installed)
    func addsAnInitProcess(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .directory))
        let result = try await host.shell("echo $$; tr '\\0' ' ' < /proc/1/cmdline; exit 3") { $0.addInit = true }
        #expect(result.exit == .exited(3))
        #expect(!result.stdout.hasPrefix("1\n"))
        #expect(result.stdout.contains("/dev/init -- /bin/sh"))
    }

    /// The runtime would say it too late to be heard, and in words of its own, to whoever reads the streams.
    @Test(arguments: Host.cases)
    func saysBeforeTheRuntimeWhyAProgramCannotStart(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        try Directory(opening: host.temporary.path.appending("base/bin"))
            .createFile(at: "script", mode: 0o755).write(Array("#!/no/such/shell\n".utf8))
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await host.command(["script"], { $0.streams = .inherited })
        }
        #expect(error == .interpreterNotFound(path: "script", interpreter: "/no/such/shell"))
    }

    @Test func saysThatThereIsNoInit() async throws {
        let host = try ContainerHost(Host.cases[0])
        let bare = try TemporaryDirectory()
        let program = try #require(HostFacts.program(Host.installed[0].rawValue, searchPath: Host.searchPath))
        try bare.directory.createSymlink(at: FilePath(Host.installed[0].rawValue), target: program)
        let runtime = CommandLineRuntime(runs: bare.path.appending("runs"), searchPath: bare.path.string)
        let process = ContainerProcess(arguments: ["/bin/true"], environment: [], addInit: true)
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await runtime.run(process, in: host.root) { _ in }
        }
        #expect(error?.remedy == "install one: apt-get install tini")
    }
}

enum InheritedProcess {
    /// Ends this process as the container ends. With a signal: sends it to this process when `/out/ready` is there.
    static func run(_ flavor: String, _ script: String, signal: String? = nil) async throws {
        let host = try ContainerHost(ContainerCase(try #require(RuntimeFlavor(rawValue: flavor)), .directory))
        let shared = try host.temporary.directory.createDirectories(at: "out", mode: 0o777)
        var process = ContainerProcess(arguments: ["/bin/sh", "-c", script], environment: ["PATH=/bin"])
        process.streams = .inherited
        process.mounts = [
            .init(target: "/out", kind: .bind(source: host.temporary.path.appending("out").string, readOnly: false))
        ]
        let ended = try await withThrowingTaskGroup(of: ProcessExit?.self) { group in
            group.addTask { [process] in try await host.runtime.run(process, in: host.root) { _ in } }
            if let signal {
                group.addTask {
                    while !shared.exists("ready") { try await Task.sleep(for: .milliseconds(20)) }
                    _ = try await ShellCommand.run("kill -\(signal) $1", ["\(HostIdentity.process)"])
                    return nil
                }
            }
            return try await group.reduce(nil as ProcessExit?) { $1 ?? $0 }
        }
        host.runtime.close()
        try host.temporary.remove()
        exit(ended?.code ?? 1)
    }
}
