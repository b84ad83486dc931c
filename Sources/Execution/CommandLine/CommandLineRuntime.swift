package import HostSystem
package import SystemPackage

/// Runs containers with crun or runc, whichever is installed and starts.
///
/// A run is a runtime in a mount and pid namespace of its own, a child of a thread that outlives it: whatever ends this
/// process ends them all, and the kernel takes processes and mounts away. What may stay is a directory and an empty
/// control group; `recover` removes those. Nothing is looked for or made before the first run.
package final class CommandLineRuntime: ContainerRuntime {
    private struct State {
        var session: RunsSession?
        var runtime: ProbedRuntime?
        /// Threads in control groups, ready for the next run: to enter one takes as long as a whole container.
        var idle: [Place] = []
    }

    /// Where a run is started.
    struct Place: Sendable {
        var spawner: Spawner
        var group: ControlGroup?
    }

    private let runs: FilePath
    private let searchPath: String
    private let flavors: [RuntimeFlavor]
    private let state = Monitor(State())

    /// - Parameters:
    ///   - runs: a directory for what containers need while they run; need not exist.
    ///   - searchPath: where to look for programs, like `PATH`.
    ///   - flavors: the runtimes to try, in this order.
    package init(runs: FilePath, searchPath: String, flavors: [RuntimeFlavor] = RuntimeFlavor.allCases) {
        self.runs = runs
        self.searchPath = searchPath
        self.flavors = flavors
    }

    package func run(
        _ process: ContainerProcess, in root: RootFilesystem,
        output: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        let cancellation = SpawnCancellation()
        return try await withTaskCancellationHandler {
            try await BlockingPool.run {
                try self.perform(process, root, cancellation, output)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    private func perform(
        _ process: ContainerProcess, _ root: RootFilesystem, _ cancellation: SpawnCancellation,
        _ output: @escaping @Sendable (ProcessOutput) -> Void
    ) throws -> ProcessExit {
        guard !cancellation.isCancelled else { throw CancellationError() }
        let (session, runtime) = try prepared()
        let place = try place(in: session, limit: process.memoryLimitBytes)
        let run = ContainerRun(process: process, session: session, runtime: runtime, searchPath: searchPath)
        let exit = try run.perform(in: root, at: place, cancellation: cancellation, output: output)
        // A group that has been limited is not used again.
        if process.memoryLimitBytes == nil { state.with { $0.idle.append(place) } }
        guard !cancellation.isCancelled else { throw CancellationError() }
        return exit
    }

    private func place(in session: RunsSession, limit: Int64?) throws -> Place {
        if limit == nil, let idle = state.with({ $0.idle.popLast() }) { return idle }
        let name = session.groupPrefix + String(session.nextNumber())
        // Without a group there is still a container; only a limit cannot be promised.
        var group: ControlGroup?
        if let limit {
            group = try session.groups.makeGroup(named: name)
            guard let group, try group.limitMemory(to: limit) else { throw RuntimeError.noMemoryLimit }
        } else {
            group = try? session.groups.makeGroup(named: name)
        }
        return Place(spawner: try Spawner(in: group), group: group)
    }

    /// The session and the runtime of this process, made at the first run.
    private func prepared() throws -> (RunsSession, ProbedRuntime) {
        // Held while probing: a second run that begins meanwhile needs the answer as well.
        try state.with { state in
            if let session = state.session, let runtime = state.runtime { return (session, runtime) }
            let runs = try RunsDirectory(at: runs)
            let session = try state.session ?? runs.makeSession()
            state.session = session
            let runtime = try choose(RuntimeProbe(session: session, runs: runs))
            state.runtime = runtime
            return (session, runtime)
        }
    }

    private func choose(_ probe: RuntimeProbe) throws -> ProbedRuntime {
        var reasons: [String] = []
        for flavor in flavors {
            guard let path = HostFacts.program(flavor.rawValue, searchPath: searchPath) else { continue }
            do { return try probe.probe(flavor, at: path) } catch { reasons.append("\(error)") }
        }
        throw reasons.isEmpty
            ? RuntimeError.notInstalled(searched: searchPath.split(separator: ":").map(String.init))
            : RuntimeError.doesNotStart(reasons)
    }

    /// Which runtime is used here: probes if that has not been done.
    package func flavor() async throws -> (flavor: RuntimeFlavor, path: FilePath) {
        try await BlockingPool.run {
            let runtime = try self.prepared().1
            return (runtime.flavor, runtime.path)
        }
    }

    /// Lets go of the threads, control groups and files that are kept from run to run; the end of this object does the
    /// same. For a process that is about to exit: what it keeps then stays until somebody's `recover`. No run may be
    /// under way.
    package func close() {
        let dropped = state.with { state in
            defer {
                state.idle = []
                state.session = nil
                state.runtime = nil
            }
            return (state.idle, state.session)
        }
        // Gone here, outside of the lock: threads end and directories are removed.
        withExtendedLifetime(dropped) {}
    }

    /// Removes what dead processes left in the runs directory, and their control groups. Cheap when there is nothing.
    package func recover() throws {
        guard (try? FileMetadata(at: runs)) != nil else { return }
        try RunsDirectory(at: runs).recover()
    }
}
