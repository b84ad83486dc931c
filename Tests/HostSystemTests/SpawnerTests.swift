import HostSystem
import SystemPackage
import Testing

struct SpawnerTests {
    private func run(_ spawn: ContainerSpawn) throws -> (ContainerSpawn.Exit, String, String) {
        var texts: [ContainerSpawn.Output: [UInt8]] = [:]
        let exit = try Spawner().run(spawn, cancellation: SpawnCancellation()) { texts[$0, default: []] += $1 }
        func text(_ stream: ContainerSpawn.Output) -> String { String(decoding: texts[stream] ?? [], as: UTF8.self) }
        return (exit, text(.stdout), text(.stderr))
    }

    private func shell(_ script: String, _ isolation: ContainerSpawn.Isolation? = nil) throws -> (
        ContainerSpawn.Exit, String, String
    ) {
        try run(
            ContainerSpawn(
                "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/bin:/usr/bin", "A=b c"],
                workingDirectory: "/usr", isolation: isolation))
    }

    @Test func startsPrograms() throws {
        let (exit, out, err) = try shell("pwd; echo \"$A\"; cat; echo e >&2; umask; exit 9")
        #expect(exit == .exited(9))
        #expect(out == "/usr\nb c\n0022\n")
        #expect(err == "e\n")
        #expect(try shell("kill -9 $$").0 == .signaled(9))
    }

    @Test func hasNoSignalsBlockedOrIgnored() throws {
        let (_, out, _) = try shell("grep -E 'Sig(Blk|Ign)' /proc/self/status")
        #expect(out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    }

    @Test func inheritsNoDescriptors() throws {
        let held = try File(opening: "/dev/null")
        let (_, out, _) = try shell("ls /proc/self/fd | tr '\\n' ' '")
        // 3 is the listing itself.
        #expect(out == "0 1 2 3 ")
        withExtendedLifetime(held) {}
    }

    @Test func saysWhatFailed() {
        #expect(throws: SystemError("execute", path: "/no/such", code: .noSuchFileOrDirectory)) {
            try run(ContainerSpawn("/no/such", arguments: ["such"]))
        }
        #expect(throws: SystemError("enter the working directory for", path: "/bin/sh", code: .noSuchFileOrDirectory)) {
            try run(ContainerSpawn("/bin/sh", arguments: ["sh"], workingDirectory: "/no/such"))
        }
    }

    @Test func cancelledBeforeItRuns() throws {
        let cancellation = SpawnCancellation()
        cancellation.cancel()
        let exit = try Spawner().run(
            ContainerSpawn("/bin/sleep", arguments: ["sleep", "1000"]), cancellation: cancellation
        ) { _, _ in }
        #expect(exit == .signaled(9))
    }

    @Test(.enabled(if: HostIdentity.canMount, "needs CAP_SYS_ADMIN: mounts"))
    func isolates() throws {
        let temporary = try TemporaryDirectory()
        try temporary.directory.createDirectory(at: "root")
        try temporary.directory.createDirectory(at: "target")
        try temporary.directory.writeFile([104, 105], at: "root/file")
        let target = temporary.path.appending("target")
        let (exit, out, err) = try shell(
            "echo $$; cat \(target)/file; ls /proc | grep -c '^[0-9]'; sleep 1000 & exit 0",
            .init(root: .directory(temporary.path.appending("root")), target: target))
        #expect(exit == .exited(0), "\(err)")
        // The shell, ls and grep at most: nobody from outside.
        let lines = out.split(separator: "\n").map(String.init)
        #expect(lines.first == "1")
        #expect(lines.last.flatMap { Int($0.dropFirst(2)) } ?? 99 <= 4)
        #expect(out.contains("hi"))
        #expect(try temporary.directory.directory(at: "target").entries().isEmpty)
        #expect(throws: SystemError("attach the root filesystem for", path: "/bin/sh", code: .noSuchFileOrDirectory)) {
            try shell("true", .init(root: .directory("/no/such"), target: target))
        }
    }
}
