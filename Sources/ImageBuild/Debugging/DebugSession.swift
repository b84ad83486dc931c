import BuildPlan
package import BuildSolver
import ContentStorage
package import Diagnostics
import DockerfileSyntax
package import Execution
import HostSystem
import OCI
import Snapshots
import SystemPackage

/// Enters the file system of a failed step, of a stage, of a line or of an image, with what was in force there. What is
/// changed inside is dropped, and no later build sees any of it.
package struct DebugSession: Sendable {
    package struct Request: Sendable {
        /// A line of the Dockerfile, a stage, an image, or the id of a kept failure; nil: the last failure.
        package var target: String?
        /// What to run; empty: a shell.
        package var arguments: [String] = []
        /// nil: the step's own.
        package var user: String?
        /// The build that lines and stages are of.
        package var build: BuildRequest
        package init(build: BuildRequest) { self.build = build }
    }

    /// Where somebody goes in.
    package struct Entry: Sendable {
        /// `Dockerfile:12, RUN make (exit code 2)`.
        package var title: String
        var snapshot: SnapshotID?
        var environment: [String]
        var workingDirectory: String
        var user: String
        var hasNetwork = true
    }

    /// The first argument of this program by which it is its small shell.
    package static let shellWord = "__debug-shell"

    let environment: BuildEnvironment

    package init(environment: BuildEnvironment) { self.environment = environment }

    /// Failures that can be entered, the last first.
    package func failures() throws -> [KeptFailure] { environment.failures(try environment.snapshotter()).all() }

    /// Runs a command or a shell there, in the foreground.
    /// - Parameters:
    ///   - announce: told where it goes and which shell it is.
    ///   - warn: told what is not as the step had it.
    package func run(
        _ request: Request, announce: @Sendable (Entry, String) -> Void, warn: @Sendable (String) -> Void = { _ in }
    ) async throws -> ProcessExit {
        let snapshotter = try environment.snapshotter()
        try environment.recover(snapshotter)
        let lease = try Lease(root: environment.root)
        defer { withExtendedLifetime(lease) {} }
        let entry = try await entry(for: request, snapshotter)
        if let snapshot = entry.snapshot { try lease.protect(Needs(snapshots: [snapshot.name])) }
        let writable = try await BlockingPool.run { try snapshotter.prepare(on: entry.snapshot) }
        let runtime = environment.runtime()
        defer { runtime.close() }
        do {
            var process = ContainerProcess(
                arguments: [], environment: entry.environment, workingDirectory: entry.workingDirectory,
                user: request.user ?? entry.user, network: entry.hasNetwork ? .host : .none)
            // The step may have failed because there is no such user.
            if request.user == nil {
                let user = entry.user
                let problem = try await BlockingPool.run { () -> String? in
                    let root = try writable.root.open()
                    do { _ = try UserResolution.resolve(user, in: root) } catch { return "\(error)" }
                    return nil
                }
                if let problem {
                    warn("\(problem): entered as root")
                    process.user = "0"
                }
            }
            process.streams = .inherited
            process.hostname = "debug"
            let directory = entry.workingDirectory
            if directory != "/" { process.prepare = { try WorkdirPerformance.ensure(directory, in: $0) } }
            let tools = try await choose(&process, for: request.arguments, in: writable)
            if request.arguments.isEmpty { announce(entry, process.arguments.joined(separator: " ")) }
            let exit = try await runtime.run(process, in: writable.root) { _ in }
            withExtendedLifetime(tools) {}
            try await BlockingPool.run { try snapshotter.discard(writable) }
            return exit
        } catch {
            try? await BlockingPool.run { try snapshotter.discard(writable) }
            throw error
        }
    }

    /// What to start: what was asked for, or the root's shell; where the root has it not, something of ours.
    private func choose(
        _ process: inout ContainerProcess, for arguments: [String], in writable: WritableSnapshot
    ) async throws -> BorrowedTools? {
        let asked = arguments.isEmpty ? [["/bin/bash"], ["/bin/sh"]] : [arguments]
        let template = process
        let own = try await BlockingPool.run { () -> [String]? in
            let root = try writable.root.open()
            return asked.first { candidate in
                var process = template
                process.arguments = candidate
                return ProgramProblem.canStart(process, in: root)
            }
        }
        if let own {
            process.arguments = own
            return nil
        }
        let tools = try BorrowedTools(searchPath: environment.searchPath, temporary: environment.root.appending("tmp"))
        process.arguments = arguments.isEmpty ? tools.interactive : tools.command(arguments) ?? arguments
        process.mounts += tools.mounts
        let path = process.environment.lastIndex { $0.hasPrefix("PATH=") }
        if let path { process.environment[path] += ":" + BorrowedTools.path } else { process.environment.append("PATH=/usr/bin:/bin:" + BorrowedTools.path) }
        return tools
    }
}

/// Nothing to enter by that name.
package struct NothingToEnter: Error, DiagnosticConvertible {
    let message: String
    var notes: [String] = []
    let help: String?
    package var diagnostics: [Diagnostic] {
        [Diagnostic(.error, "nothing-to-enter", message, at: nil as Diagnostic.Label?, notes: notes, help: help)]
    }
}
