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
            throw RunFailure(exit: exit, arguments: operation.arguments, lastOutput: tail.lines)
        }
    }

    /// A base's config may name a directory that its layers do not have; docker makes it.
    private func preparation(_ epoch: Int64?) -> (@Sendable (Directory) throws -> Void)? {
        let workdir = WorkdirOperation(path: operation.workingDirectory, owner: "")
        guard workdir.path != "/" else { return nil }
        return { root in try WorkdirPerformance(operation: workdir, root: root, epoch: epoch).run() }
    }
}
