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
    /// What its mounts take from other nodes, by the position among the node's inputs.
    let files: [Int: MountedFiles]

    func run(in writable: WritableSnapshot) async throws {
        guard !operation.mounts.isEmpty else { return try await run(in: writable, with: nil) }
        let mounts = try await MountPreparation(solver: solver, node: node, mounts: operation.mounts, files: files)
            .prepare()
        do {
            try await run(in: writable, with: mounts)
        } catch {
            try? await BlockingPool.run { mounts.close() }
            throw error
        }
        try await BlockingPool.run { mounts.close() }
    }

    private func run(in writable: WritableSnapshot, with mounts: PreparedMounts?) async throws {
        let options = solver.options
        var process = ContainerProcess(
            arguments: operation.arguments, environment: operation.environment + operation.unkeyedEnvironment,
            workingDirectory: operation.workingDirectory, user: operation.user,
            network: operation.network == "none" ? .none : .host)
        process.extraHosts = operation.extraHosts
        process.mounts = mounts?.mounts ?? []
        process.privateEnvironment = mounts?.environment ?? []
        process.limits = options.resourceLimits
        process.memoryLimitBytes = options.memoryLimitBytes
        process.sharedMemoryBytes = options.sharedMemoryBytes
        process.prepare = preparation(options.sourceDateEpoch)
        let tail = OutputTail()
        let show: @Sendable (ProcessOutput) -> Void = { output in
            tail.append(output.bytes)
            solver.announce(node) { .output(id: $0, output) }
        }
        let exit = try await run(process, in: writable.root, hiding: mounts?.secrets ?? [], show)
        guard exit.isSuccess else {
            throw RunFailure(exit: exit, arguments: operation.arguments, lastOutput: tail.lines)
        }
    }

    private func run(
        _ process: ContainerProcess, in root: RootFilesystem, hiding secrets: [[UInt8]],
        _ show: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        let mask = SecretMask(secrets)
        guard !mask.isIdle else { return try await solver.environment.runtime.run(process, in: root, output: show) }
        let masks = Monitor<[ProcessOutput.Stream: SecretMask]>([.stdout: mask, .stderr: mask])
        @Sendable func pass(_ stream: ProcessOutput.Stream, _ step: (inout SecretMask) -> [UInt8]) {
            let bytes = masks.with { step(&$0[stream, default: mask]) }
            if !bytes.isEmpty { show(ProcessOutput(stream, bytes)) }
        }
        let exit = try await solver.environment.runtime.run(process, in: root) { output in
            pass(output.stream) { $0.admit(output.bytes) }
        }
        for stream in [ProcessOutput.Stream.stdout, .stderr] { pass(stream) { $0.finish() } }
        return exit
    }

    /// A base's config may name a directory that its layers do not have; docker makes it.
    private func preparation(_ epoch: Int64?) -> (@Sendable (Directory) throws -> Void)? {
        let workdir = WorkdirOperation(path: operation.workingDirectory, owner: "")
        guard workdir.path != "/" else { return nil }
        return { root in try WorkdirPerformance(operation: workdir, root: root, epoch: epoch).run() }
    }
}
