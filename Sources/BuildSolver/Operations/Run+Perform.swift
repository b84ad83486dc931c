import BuildPlan
import Execution
import HostSystem
import OCI
import Snapshots
import SystemPackage

/// Runs a RUN in a snapshot.
struct RunPerformance {
    let solver: Solver
    let node: Node
    let operation: RunOperation

    func run(in writable: WritableSnapshot) async throws {
        let options = solver.options
        var process = ContainerProcess(
            arguments: operation.arguments, environment: operation.environment + operation.unkeyedEnvironment,
            workingDirectory: operation.workingDirectory, user: operation.user,
            network: operation.network == "none" ? .none : .host)
        process.extraHosts = options.extraHosts
        process.memoryLimitBytes = options.memoryLimitBytes
        process.sharedMemoryBytes = options.sharedMemoryBytes
        process.prepare = preparation(options.sourceDateEpoch)
        let tail = OutputTail()
        let exit = try await solver.environment.runtime.run(process, in: writable.root) { output in
            tail.append(output.bytes)
            solver.announce(node) { .output(id: $0, output) }
        }
        guard exit.isSuccess else {
            let failure = RunFailure(exit: exit, arguments: operation.arguments, lastOutput: tail.lines)
            throw await described(failure, process, in: writable)
        }
    }

    /// Looks around after a failure: memory when something was killed, the program when it could not be run.
    private func described(
        _ failure: RunFailure, _ process: ContainerProcess, in writable: WritableSnapshot
    ) async -> RunFailure {
        var failure = failure
        failure.user = operation.user
        failure.hasNetwork = operation.network != "none"
        failure.memoryLimitBytes = solver.options.memoryLimitBytes
        switch failure.exit {
        case .outOfMemory, .signaled(9): failure.memory = HostMemory.now()
        case .exited(126), .exited(127):
            guard case .commandNotFound(let name)? = OutputClue.find(in: failure.lastOutput), name.contains("/") else { break }
            var missing = process
            missing.arguments = [name]
            let problem = missing
            failure.program = try? await BlockingPool.run { ProgramProblem.of(problem, in: try writable.root.open()) }
        default: break
        }
        return failure
    }

    /// A base's config may name a directory that its layers do not have; docker makes it.
    private func preparation(_ epoch: Int64?) -> (@Sendable (Directory) throws -> Void)? {
        let workdir = WorkdirOperation(path: operation.workingDirectory, owner: "")
        guard workdir.path != "/" else { return nil }
        return { root in try WorkdirPerformance(operation: workdir, root: root, epoch: epoch).run() }
    }
}
