package import ArgumentParser
import BuildSolver
import Diagnostics
import Execution
import HostSystem
import ImageBuild
import Snapshots

/// `jettison debug`.
package struct DebugCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "debug",
        abstract: "Enter the file system of a failed step, of a stage, of a line or of an image.",
        usage: "jettison debug [<options>] [<target>] [-- <command> ...]",
        discussion: """
            Without a target: the step that failed last. The command, or a shell, runs with the environment, user and \
            working directory of the step; when the image has no shell, one is lent to it. What is changed inside is \
            dropped. The last three failures are kept, until they succeed or "jettison builder prune".

            Example: jettison debug -- ls -l /app
            """)

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("A line of the Dockerfile, a stage, an image, or an id that --list shows.", valueName: "target"))
    var words: [String] = []
    @Flag(help: "List the failed steps that can be entered.") var list = false
    @Option(name: .shortAndLong, help: ArgumentHelp("The Dockerfile of lines and stages.", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("The context of lines and stages.", valueName: "dir")) var context = "."
    @Option(
        name: .customLong("build-arg"), parsing: .singleValue,
        help: ArgumentHelp("An ARG that the build was given.", valueName: "k=v"))
    var buildArguments: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Enter as this user.", valueName: "user[:group]")) var user: String?
    @Option(help: ArgumentHelp("Of --list: text or json.", valueName: "format")) var format = DocumentFormat.text
    @OptionGroup var global: GlobalOptions

    package init() {}

    package func validate() throws {
        guard let first = words.first else { return }
        if first == "-h" || first == "--help" { throw CleanExit.helpRequest(self) }
        if first.hasPrefix("-"), first != "--" { throw ValidationError("Unknown option '\(first)'") }
        if words.count > 1, first != "--", words[1] != "--" {
            throw ValidationError("Unexpected argument '\(words[1])': a command stands behind '--'")
        }
    }

    package func run() async throws {
        let session = DebugSession(environment: ProcessEnvironment.current.build(global))
        if list { return try show(session.failures()) }
        var build = BuildRequest(context: .directory(context))
        build.dockerfile = file
        for argument in buildArguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            build.buildArguments.append((parts[0], parts.count > 1 ? parts[1] : ProcessEnvironment.current[parts[0]]))
        }
        var request = DebugSession.Request(build: build)
        request.target = words.first.flatMap { $0 == "--" ? nil : $0 }
        request.arguments = words.firstIndex(of: "--").map { Array(words[($0 + 1)...]) } ?? []
        request.user = user
        let exit = try await session.run(
            request,
            announce: { entry, shell in
                try? StandardStream.error.line("\(entry.title): \(shell); changes are dropped on exit")
            }, warn: { try? StandardStream.error.line("warning: " + $0) })
        if exit == .outOfMemory {
            try StandardStream.error.line("error: the command ran out of memory and was killed by the kernel")
        }
        if !exit.isSuccess { throw ExitCode(exit.code) }
    }

    private func show(_ failures: [KeptFailure]) throws {
        let now = Timestamp.now
        switch format {
        case .json:
            let items = failures.map { failure in
                JSONText.object([
                    .init("id", .string(failure.id)), .init("title", .string(failure.title)),
                    .init("file", failure.file.map { .string($0) } ?? .string("")),
                    .init("line", .number(failure.line ?? 0)), .init("exitCode", .number(Int(failure.exitCode))),
                    .init("created", .number(Int(failure.created))),
                ])
            }
            try StandardStream.output.line(JSONText.object([.init("failures", .array(items))]).compact)
        case .text:
            guard !failures.isEmpty else { return try StandardStream.output.line("no failed step is kept") }
            let rows = failures.map { failure in
                [
                    failure.id, failure.file.map { "\($0):\(failure.line ?? 0)" } ?? "", "\(failure.exitCode)",
                    Age(of: Timestamp(seconds: failure.created), at: now).description,
                    OutputLines.clean(String(failure.title.prefix(60))),
                ]
            }
            try StandardStream.output.write(
                Table(header: ["ID", "LINE", "EXIT", "FAILED", "STEP"], rows: rows).rendered())
        }
    }
}
