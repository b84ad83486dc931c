import BuildContext
import BuildPlan
import Diagnostics
import Execution
import HostSystem
import OCI
import PathPatterns
import Snapshots
import SystemPackage
import TestSupport
import Testing

@testable import BuildSolver

/// The engine on doubles: copies for snapshots, a scripted runtime, a cache in memory. Needs no rights.
struct SolverTests {
    /// What a case works with; lives as long as the case.
    private final class Bench: Sendable {
        let directory: TemporaryDirectory
        let cache = MemoryCache()
        let runtime: ScriptedRuntime
        let snapshotter: CopyingSnapshotter

        init(_ scripts: [ScriptedRuntime.Script] = []) throws {
            directory = try TemporaryDirectory(prefix: "jettison-solver-")
            runtime = ScriptedRuntime(scripts)
            snapshotter = CopyingSnapshotter(directory: directory.path.appending("snapshots"))
            _ = try Directory.making(directory.path.appending("context"))
        }

        func write(_ text: String, to name: String) throws {
            try AtomicFile.write(Array(text.utf8), to: directory.path.appending("context").appending(name))
        }

        func solver(uncached: Set<Int> = []) -> Solver {
            let context = directory.path.appending("context")
            let environment = SolverEnvironment(
                snapshotter: snapshotter, runtime: runtime, cache: cache, blobs: NoBlobs(),
                context: { SourceTree(directory: try Directory(opening: context), ownership: .root) },
                selections: SelectionMemo(directory: directory.path.appending("selections")),
                cacheMounts: CacheMountStore(directory: directory.path.appending("cache-mounts")), now: { 1_700_000_000 })
            var options = SolverOptions(platform: Platform(os: "linux", architecture: "amd64"), limit: 2)
            options.uncached = uncached
            return Solver(environment: environment, options: options, steps: []) { _ in }
        }

        func text(of path: String, in result: StepResult?) throws -> String {
            let snapshot = try #require(result?.snapshot)
            let root = try snapshotter.root(of: snapshot).open()
            return String(decoding: try root.readFile(at: FilePath(path)), as: UTF8.self)
        }
    }

    private struct NoBlobs: BlobSource {
        func read(_ blob: Descriptor) async throws -> BlobBytes { throw CancellationError() }
    }

    private func run(_ script: String) -> BuildOperation {
        .run(RunOperation(
            arguments: ["/bin/sh", "-c", script], environment: [], workingDirectory: "/", user: "", network: "host"))
    }
    private func copy(_ source: String, to destination: String) -> CopyOperation {
        CopyOperation(
            selection: FileSelection(sources: [source]), destination: destination, destinationIsDirectory: false)
    }

    /// context ─▶ COPY main ─▶ RUN build ─▶ (out) ─▶ COPY --from
    private func twoStages() -> BuildGraph {
        var graph = BuildGraph()
        let context = graph.node(.context, origin: nil, title: "context")
        let source = copy("main", to: "/main")
        let copied = graph.node(.copy(source), inputs: [.files(context, source.selection)], origin: nil, title: "COPY main")
        let built = graph.node(run("build"), inputs: [.root(copied)], origin: nil, title: "RUN build")
        let out = copy("out", to: "/app/out")
        _ = graph.node(.copy(out), inputs: [.files(built, out.selection)], origin: nil, title: "COPY out")
        return graph
    }

    private func bench() throws -> Bench {
        let bench = try Bench([ScriptedRuntime.Script(matching: "build", files: ["out": "binary"])])
        try bench.write("source", to: "main")
        return bench
    }

    @Test func aBuildRunsEverythingOnceAndASecondHitsEveryRecord() async throws {
        let bench = try bench()
        let graph = twoStages()
        let first = try await bench.solver().solve(graph)
        #expect(try bench.text(of: "app/out", in: first[3]) == "binary")
        #expect(first.values.filter { $0.record != nil && !$0.wasCached }.count == 3)
        let second = try await bench.solver().solve(graph)
        #expect(second.values.filter { $0.record != nil && $0.wasCached }.count == 3)
        #expect(bench.runtime.runs.count == 1)
        #expect(second[3]?.snapshot == first[3]?.snapshot)
    }

    @Test func anEditReachesWhatDependsOnItAndStopsWhereContentIsTheSame() async throws {
        let bench = try bench()
        let graph = twoStages()
        _ = try await bench.solver().solve(graph)
        try bench.write("edited", to: "main")
        let results = try await bench.solver().solve(graph)
        #expect(bench.runtime.runs.count == 2)
        #expect(results[3]?.wasCached == true, "what the builder handed over is the same")
    }

    @Test func aStepWithoutCacheRunsAndItsChildrenStandOnTheNewResult() async throws {
        let bench = try bench()
        let graph = twoStages()
        let first = try await bench.solver().solve(graph)
        let again = try await bench.solver(uncached: [1]).solve(graph)
        #expect(again[1]?.snapshot != first[1]?.snapshot)
        #expect(again[2]?.wasCached == false, "its record names another parent")
        #expect(try bench.snapshotter.parent(of: try #require(again[2]?.snapshot)) == again[1]?.snapshot)
    }

    @Test func aRecordWhoseSnapshotIsGoneIsAMiss() async throws {
        let bench = try bench()
        let graph = twoStages()
        let first = try await bench.solver().solve(graph)
        try bench.snapshotter.remove(try #require(first[3]?.snapshot))
        let second = try await bench.solver().solve(graph)
        #expect(second[3]?.wasCached == false)
        #expect(try bench.text(of: "app/out", in: second[3]) == "binary")
    }

    @Test func aPredictionRunsNothingAndNamesTheFirstCause() async throws {
        let bench = try bench()
        let graph = twoStages()
        let cold = try await bench.solver().predict(graph)
        #expect(cold[1] == .run(reason: "first build of this step", seconds: nil))
        #expect(bench.runtime.runs.isEmpty)
        _ = try await bench.solver().solve(graph)
        let warm = try await bench.solver().predict(graph)
        #expect(warm.values.allSatisfy { $0 == .cached })
        try bench.write("edited", to: "main")
        let edited = try await bench.solver().predict(graph)
        guard case .run(let reason, let seconds) = edited[1] else { throw Unexpected() }
        #expect(reason == "the copied files changed" && seconds != nil)
        guard case .run("the step below it runs", _) = edited[2] else { throw Unexpected() }
        guard case .run("the stage it copies from runs", _) = edited[3] else { throw Unexpected() }
    }

    private struct Unexpected: Error {}

    @Test func aFailingRunNamesItsInstructionAndLeavesNoSnapshot() async throws {
        let bench = try Bench([ScriptedRuntime.Script(stderr: "sh: nope: not found\n", exit: .exited(127))])
        var graph = BuildGraph()
        let file = SourceFile(name: "Dockerfile", text: "FROM scratch\nRUN nope\n")
        _ = graph.node(run("nope"), origin: SourceRange(file: file, bytes: 13..<21), title: "RUN nope")
        let failure = await #expect(throws: StepFailure.self) { try await bench.solver().solve(graph) }
        let diagnostic = try #require(failure?.diagnostics.first)
        #expect(diagnostic.message == "RUN exited with code 127")
        #expect(diagnostic.primary?.range.line == 2)
        #expect(diagnostic.help?.contains("\"nope\" is not in the image") == true)
        #expect(try bench.snapshotter.list().isEmpty)
        #expect(bench.cache.all.isEmpty)
    }

    @Test func cancellingEndsARunAndLeavesNothing() async throws {
        let bench = try Bench([.hanging()])
        var graph = BuildGraph()
        _ = graph.node(run("forever"), origin: nil, title: "RUN forever")
        let solver = bench.solver()
        let build = Task { [graph] in try await solver.solve(graph) }
        while bench.runtime.runs.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        build.cancel()
        await #expect(throws: CancellationError.self) { try await build.value }
        #expect(try bench.snapshotter.list().isEmpty)
    }
}
