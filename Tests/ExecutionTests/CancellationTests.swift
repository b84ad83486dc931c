import Execution
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// What a run leaves when somebody ends it.
@Suite(.enabled(if: Host.canRun, Host.whyNot))
struct CancellationTests {
    /// Command lines of living processes that contain the text.
    static func processes(containing text: String) throws -> [String] {
        let processes = try Directory(opening: "/proc")
        return try processes.entries().filter { $0.name.string.allSatisfy(\.isNumber) }.compactMap { entry in
            let file = FilePath(root: nil, [entry.name]).appending("cmdline")
            // Not `readAll` by size: files of /proc have none. A process may end while it is looked at.
            guard let bytes = try? processes.openFile(at: file).readAll(limit: 1 << 20) else { return nil }
            let line = String(decoding: bytes.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
            return line.contains(text) ? line : nil
        }
    }

    /// The kernel takes a dead process's children away soon, not at once.
    static func eventually(_ condition: () throws -> Bool) async throws -> Bool {
        for _ in 0..<400 {
            if try condition() { return true }
            try await Task.sleep(for: .milliseconds(25))
        }
        return try condition()
    }

    static func mounts(below path: FilePath) throws -> Int {
        let table = String(decoding: try File(opening: "/proc/self/mountinfo").readAll(), as: UTF8.self)
        return table.split(separator: "\n").filter { $0.contains(path.string) }.count
    }

    static func groups(_ prefix: String) throws -> [String] {
        try ControlGroups.ofThisProcess().parents.flatMap { parent in
            try Directory(opening: parent).entries().map(\.name.string).filter { $0.hasPrefix(prefix) }
        }
    }

    @Test(arguments: Host.cases)
    func aCancelledRunLeavesNothing(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which, isBare: true)
        let before = try host.written().listing()
        let token = "7331.\(UInt32.random(in: 1...999_999))"
        let began = Monitor(false)
        let task = Task {
            try await host.command([
                "/bin/sh", "-c", "sleep \(token) & setsid sleep \(token) & echo up; sleep \(token)",
            ]) {
                _ in
            } whenWritten: { _ in
                began.with { $0 = true }
            }
        }
        #expect(try await Self.eventually { began.with { $0 } })
        #expect(try !Self.processes(containing: token).isEmpty)
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(try Self.processes(containing: token) == [])
        #expect(try Self.mounts(below: host.temporary.path) == 0)
        #expect(try host.written().listing() == before)
        let sessions = try host.temporary.directory.directory(at: "runs").entries().filter { $0.kind == .directory }
        #expect(sessions.count == 1)
        let session = try host.temporary.directory.directory(at: "runs").directory(
            at: FilePath(root: nil, [try #require(sessions.first).name]))
        #expect(try session.entries().allSatisfy { !$0.name.string.hasPrefix("run-") })
        // And it can be used again.
        #expect(try await host.shell("exit 4").exit == .exited(4))
    }

    @Test func cancelledBeforeItBegan() async throws {
        let host = try ContainerHost(Host.cases[0])
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await host.shell("touch /ran").exit
        }
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(try !host.written().exists("ran"))
    }

    @Test(arguments: Host.installed)
    func theEndOfARuntimeRemovesItsSession(_ flavor: RuntimeFlavor) async throws {
        let temporary = try TemporaryDirectory()
        func use() async throws -> [String] {
            let host = try ContainerHost(ContainerCase(flavor, .directory))
            let runtime = CommandLineRuntime(
                runs: temporary.path.appending("runs"), searchPath: Host.searchPath, flavors: [flavor])
            _ = try await runtime.run(ContainerProcess(arguments: ["/bin/true"], environment: []), in: host.root) { _ in
            }
            let record = try temporary.directory.sessions().map { try $0.readFile(at: "groups") }
            return record.map { String(String(decoding: $0, as: UTF8.self).prefix { $0 != "\n" }) }
        }
        let prefixes = try await use()
        #expect(prefixes.count == 1)
        #expect(try temporary.directory.sessions().isEmpty)
        #expect(try Self.groups(prefixes[0]) == [])
    }

    /// A process that runs a container is killed with no chance to clean up; the next one finds nothing but a session
    /// directory and empty control groups, and removes those.
    @Test(arguments: Host.cases)
    func killNineLeavesNoProcessAndNoMount(_ which: ContainerCase) async throws {
        let shared = try TemporaryDirectory(prefix: "jettison-killed-")
        let token = "7332.\(UInt32.random(in: 1...999_999))"
        let request = [which.flavor.rawValue, which.root.rawValue, shared.path.string, token]
        await #expect(processExitsWith: .signal(9)) { [request = request as [String]] in
            try await KilledProcess.main(request)
        }
        #expect(shared.directory.exists("ran"), "the container was there when its maker died")
        #expect(try await Self.eventually { try Self.processes(containing: token).isEmpty })
        #expect(try Self.mounts(below: shared.path) == 0)
        let sessions = try shared.directory.sessions()
        #expect(sessions.count == 1)
        let record = try sessions.first?.readFile(at: "groups") ?? []
        let prefix = String(String(decoding: record, as: UTF8.self).prefix { $0 != "\n" })
        #expect(prefix.hasPrefix("jettison-"))

        let next = CommandLineRuntime(runs: shared.path.appending("runs"), searchPath: Host.searchPath)
        #expect(
            try await Self.eventually {
                try next.recover()
                return try shared.directory.sessions().isEmpty
            })
        #expect(try Self.groups(prefix) == [])
    }

    @Test func closingRemovesAllAndTheNextRunBeginsAnew() async throws {
        let host = try ContainerHost(Host.cases[0])
        #expect(try await host.shell("true").exit == .exited(0))
        let record = try host.temporary.directory.sessions().map { try $0.readFile(at: "groups") }
        let prefix = String(String(decoding: record.joined(), as: UTF8.self).prefix { $0 != "\n" })
        host.runtime.close()
        #expect(try host.temporary.directory.sessions().isEmpty)
        #expect(try Self.groups(prefix) == [])
        #expect(try await host.shell("exit 6").exit == .exited(6))
    }

    @Test func recoveryLeavesTheLiving() async throws {
        let host = try ContainerHost(Host.cases[0])
        #expect(try await host.shell("true").exit == .exited(0))
        let other = CommandLineRuntime(runs: host.temporary.path.appending("runs"), searchPath: Host.searchPath)
        try other.recover()
        #expect(try host.temporary.directory.sessions().count == 1)
        #expect(try await host.shell("exit 2").exit == .exited(2))
    }
}

extension Directory {
    func sessions() throws -> [Directory] {
        guard exists("runs") else { return [] }
        let runs = try directory(at: "runs")
        return try runs.entries().filter { $0.name.string.hasPrefix("session-") }.map {
            try runs.directory(at: FilePath(root: nil, [$0.name]))
        }
    }
}

/// The process that does not live to clean up.
enum KilledProcess {
    /// Flavor, kind of root, directory for everything, a number of seconds that names the container's processes.
    static func main(_ request: [String]) async throws {
        let flavor = try #require(RuntimeFlavor(rawValue: request[0]))
        let kind = try #require(ContainerCase.Root(rawValue: request[1]))
        let path = FilePath(request[2])
        let host = try ContainerHost(ContainerCase(flavor, kind))
        let runtime = CommandLineRuntime(
            runs: path.appending("runs"), searchPath: Host.searchPath, flavors: [flavor])
        var process = ContainerProcess(
            arguments: [
                "/bin/sh", "-c",
                "sleep \(request[3]) & setsid sleep \(request[3]) & touch /out/ran; sleep \(request[3])",
            ], environment: ["PATH=/bin"])
        process.mounts = [.init(target: "/out", kind: .bind(source: path.string, readOnly: false))]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [process] in _ = try await runtime.run(process, in: host.root) { _ in } }
            while (try? FileMetadata(at: path.appending("ran"))) == nil { try await Task.sleep(for: .milliseconds(20)) }
            // Nobody is left to remove the root: do it before.
            try host.temporary.remove()
            _ = try await ShellCommand.run("kill -9 $1", ["\(HostIdentity.process)"])
            try await group.waitForAll()
        }
    }
}
