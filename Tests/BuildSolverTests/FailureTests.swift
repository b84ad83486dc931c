import BuildPlan
import Diagnostics
import Execution
import HostSystem
import Snapshots
import SystemPackage
import TestSupport
import Testing

@testable import BuildSolver

/// What the last lines of a command say, and what is made of it.
struct FailureTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var text: String
        var clue: OutputClue?
        init(_ text: String, _ clue: OutputClue?) {
            self.text = text
            self.clue = clue
        }
        var testDescription: String { text }
    }

    static let lines: [Line] = [
        Line("/bin/sh: 1: gti: not found", .commandNotFound("gti")),
        Line("/bin/sh: gti: not found", .commandNotFound("gti")),
        Line("bash: line 3: gti: command not found", .commandNotFound("gti")),
        Line("sh: 1: ./run.sh: not found", .commandNotFound("./run.sh")),
        Line("/bin/sh: ./x: Permission denied", .permissionDenied("./x")),
        Line("mkdir: cannot create directory '/x': Permission denied", .permissionDenied("/x")),
        Line("cat: can't open 'a/b.txt': No such file or directory", .fileNotFound("a/b.txt")),
        Line("ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'", .fileNotFound("requirements.txt")),
        Line("cp: cannot stat 'src': No such file or directory", .fileNotFound("src")),
        Line("npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '/app/package.json'", .fileNotFound("/app/package.json")),
        Line("E: Unable to locate package curl", .aptLists("curl")),
        Line("E: Package 'nodejs' has no installation candidate", .aptLists("nodejs")),
        Line("  foo (no such package):", .apkPackage("foo")),
        Line("curl: (6) Could not resolve host: example.com", .network),
        Line("wget: bad address 'example.com'", .network),
        Line("Temporary failure resolving 'deb.debian.org'", .network),
        Line("dd: error writing '/x': No space left on device", .noSpace),
        Line("/bin/sh: can't create /etc/hosts: Read-only file system", .readOnly("/etc/hosts")),
        Line("/bin/sh: 1: /app: Exec format error", .execFormat("/app")),
        Line("all is well", nil), Line("", nil), Line(": not found", nil), Line("''", nil),
    ]

    @Test(arguments: lines) func linesAreUnderstood(_ line: Line) {
        #expect(OutputClue.find(in: [line.text]) == line.clue)
    }

    @Test func theLineOfAScriptIsRead() {
        #expect(OutputClue.scriptLine(in: ["x", "/bin/sh: 3: gti: not found"]) == 3)
        #expect(OutputClue.scriptLine(in: ["bash: line 12: gti: command not found"]) == 12)
        #expect(OutputClue.scriptLine(in: ["make: *** 3: x: y"]) == nil)
    }

    private func said(_ exit: ProcessExit, _ command: String, _ change: (inout RunFailure) -> Void = { _ in }) -> Diagnostic {
        var failure = RunFailure(exit: exit, arguments: ["/bin/sh", "-c", command], lastOutput: [])
        change(&failure)
        return failure.diagnostic(at: nil)
    }

    @Test func aKillIsToldFromAnExitOfTheSameNumber() throws {
        var memory = try #require(HostMemory.now())
        memory.total = 8 << 30
        memory.available = 200 << 20
        memory.groupLimit = 2 << 30
        let found = memory
        let killed = said(.signaled(9), "make -j64") { $0.memory = found }
        #expect(killed.message == "RUN was killed by SIGKILL: it was ended from outside")
        #expect(
            killed.notes == [
                "the kernel recorded no lack of memory in this step: something else sent SIGKILL",
                "the machine has 8192 MiB of memory, 200 MiB of it free now; this process and its steps may use 2048 MiB of it",
            ])
        let own = said(.signaled(9), "test -f x || exit 137")
        #expect(own.message == "RUN exited with code 137")
        #expect(own.notes == ["the command itself says \"exit 137\": nothing was killed"])
    }

    @Test func lackOfMemoryNamesTheLimit() {
        let limited = said(.outOfMemory, "make") { $0.memoryLimitBytes = 64 << 20 }
        #expect(limited.message == "RUN ran out of memory and was killed by the kernel")
        #expect(limited.notes == ["the step may use 64 MiB (--memory)"])
        #expect(limited.help?.hasPrefix("raise --memory") == true)
        #expect(said(.outOfMemory, "make").help?.hasPrefix("give the machine more memory") == true)
    }

    @Test func otherEndsHaveWordsToo() {
        #expect(said(.signaled(11), "x").message == "RUN was killed by SIGSEGV: the program crashed")
        #expect(said(.signaled(40), "x").message == "RUN was killed by signal 40")
        #expect(said(.exited(126), "x").help != nil)
        #expect(said(.exited(3), "x").help == nil)
    }

    /// Three are kept, the oldest goes; a success of the same step takes its own.
    @Test func failuresAreKeptForAWhile() throws {
        let directory = try TemporaryDirectory(prefix: "jettison-failures-")
        let snapshotter = CopyingSnapshotter(directory: directory.path.appending("snapshots"))
        let kept = KeptFailures(directory: directory.path.appending("failures"), snapshotter: snapshotter, scope: "here")
        let operation = RunOperation(
            arguments: ["/bin/sh", "-c", "false"], environment: ["A=b"], unkeyedEnvironment: ["HTTP_PROXY=http://u:secret@p"],
            workingDirectory: "/srv", user: "nobody", network: "none")
        func node(_ title: String) -> Node {
            var graph = BuildGraph()
            let id = graph.node(.run(operation), origin: nil, title: title)
            return graph[id]
        }
        for number in 1...5 {
            let writable = try snapshotter.prepare(on: nil)
            try writable.root.open().writeFile(Array("\(number)".utf8), at: "left")
            _ = try kept.keep(writable, of: node("RUN \(number)"), operation, exitCode: 1, now: Int64(number))
        }
        #expect(kept.all().map(\.title) == ["RUN 5", "RUN 4", "RUN 3"])
        #expect(try snapshotter.list().count == 3)
        let last = try #require(kept.all().first)
        #expect(last.environment == ["A=b"] && last.user == "nobody" && last.workingDirectory == "/srv" && !last.hasNetwork)
        #expect(String(decoding: try snapshotter.root(of: last.snapshot).open().readFile(at: "left"), as: UTF8.self) == "5")
        kept.forget(node("RUN 4"))
        KeptFailures(directory: directory.path.appending("failures"), snapshotter: snapshotter, scope: "there").forget(node("RUN 5"))
        #expect(kept.all().map(\.title) == ["RUN 5", "RUN 3"])
        #expect(try snapshotter.list().count == 2)
    }
}
