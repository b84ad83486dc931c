package import Execution
package import HostSystem
import SystemPackage

/// A runtime that starts nothing: it answers each process by the first script that fits it, and remembers what it was
/// asked. Needs no rights; overlays are written through their upper directory.
package final class ScriptedRuntime: ContainerRuntime {
    /// What a process does.
    package struct Script: Sendable {
        /// Fits when an argument contains this text; empty fits all.
        package var matching: String
        package var output: [ProcessOutput] = []
        /// Path in the root to content. Missing directories are made.
        package var files: [String: String] = [:]
        /// Paths removed from the root; of an overlay, from its upper directory.
        package var removed: [String] = []
        package var exit: ProcessExit = .exited(0)
        package var error: RuntimeError?
        /// Does not end before its task is cancelled.
        package var hangs = false

        package init(
            matching: String = "", stdout: String = "", stderr: String = "", files: [String: String] = [:],
            exit: ProcessExit = .exited(0)
        ) {
            self.matching = matching
            if !stdout.isEmpty { output.append(ProcessOutput(.stdout, Array(stdout.utf8))) }
            if !stderr.isEmpty { output.append(ProcessOutput(.stderr, Array(stderr.utf8))) }
            self.files = files
            self.exit = exit
        }

        package static func failing(_ error: RuntimeError, matching: String = "") -> Script {
            var script = Script(matching: matching)
            script.error = error
            return script
        }

        package static func hanging(matching: String = "") -> Script {
            var script = Script(matching: matching)
            script.hangs = true
            return script
        }
    }

    /// A process as it was asked for.
    package struct Run: Sendable {
        package var process: ContainerProcess
        package var root: RootFilesystem
        /// The arguments, with spaces between.
        package var command: String { process.arguments.joined(separator: " ") }
    }

    private let scripts: [Script]
    private let recorded = Monitor<[Run]>([])

    /// Without a script that fits, a process succeeds silently.
    package init(_ scripts: [Script] = []) { self.scripts = scripts }

    /// In the order in which they began.
    package var runs: [Run] { recorded.with { $0 } }

    package func run(
        _ process: ContainerProcess, in root: RootFilesystem,
        output: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        try Task.checkCancellation()
        recorded.with { $0.append(Run(process: process, root: root)) }
        let script =
            scripts.first { script in
                script.matching.isEmpty || process.arguments.contains { $0.contains(script.matching) }
            } ?? Script()
        for piece in script.output { output(piece) }
        if script.hangs { try await Task.sleep(for: .seconds(86400)) }
        if let error = script.error { throw error }
        try perform(script, in: root)
        return script.exit
    }

    private func perform(_ script: Script, in root: RootFilesystem) throws {
        guard !script.files.isEmpty || !script.removed.isEmpty else { return }
        let directory: Directory
        switch root {
        case .directory(let path): directory = try Directory(opening: path)
        case .overlay(let layout):
            guard let upper = layout.upper else {
                throw SystemError("write", path: layout.lowers.first?.string, code: .readOnlyFileSystem)
            }
            directory = try Directory(opening: upper)
        }
        for path in script.removed { try directory.removeTree(FilePath(path)) }
        for (path, content) in script.files.sorted(by: { $0.key < $1.key }) {
            let path = FilePath(path)
            _ = try directory.createDirectories(at: path.removingLastComponent())
            try directory.writeFile(Array(content.utf8), at: path)
        }
    }
}
