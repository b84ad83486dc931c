package import ArgumentParser
import Diagnostics
import HostSystem
import ImageBuild
import OCI
import SystemPackage

/// `jettison build`.
package struct BuildCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from a Dockerfile.",
        discussion: """
            Files are read from CONTEXT in place. Stages that the result does not need are not built; steps whose \
            inputs did not change are not run. The image id is the last line on standard output.

            Example: jettison build -t app:1.0 --target server .
            """)

    @Argument(
        help: ArgumentHelp("A directory, '-' for a Dockerfile or tar on standard input, or the URL of a git repository, a tar or a Dockerfile.", valueName: "context"))
    var context: String
    @OptionGroup(title: "Build options") var options: BuildOptions
    @Option(help: ArgumentHelp("How to show the build: auto, tty, plain, quiet or rawjson.", valueName: "mode"))
    var progress: ProgressMode = .auto
    @Flag(name: .shortAndLong, help: "Print the image id and nothing else.") var quiet = false
    @Flag(help: "Report what is wrong with the Dockerfile and build nothing.") var check = false
    @Flag(help: "Print which steps would run and why, and run nothing.") var plan = false
    @OptionGroup var unavailable: UnavailableBuildOptions
    @OptionGroup var global: GlobalOptions

    package init() {}

    package mutating func run() async throws {
        if let name = unavailable.requested { throw notAvailableYet("'\(name)'") }
        let environment = ProcessEnvironment.current
        // The spooled context is a temporary file: it must outlive the build.
        let spooled =
            context == "-" ? try await StandardInput.read { try StandardInputFile(named: "context") } : nil
        defer { withExtendedLifetime(spooled) {} }
        var request = try options.request(
            context: try requestedContext(spooled), environment: environment.variables)
        let credentials = CredentialOptions(environment: environment.variables)
        request.secrets = try credentials.secrets(options.secrets)
        request.agents = try credentials.agents(options.ssh)
        if options.file == "-" {
            request.dockerfile = nil
            request.dockerfileText = try await StandardInput.read { try DockerfileText.read("-") }
        }
        if request.takesStandardOutput, StandardStream.output.terminal != nil {
            throw UsageError(
                "an archive would garble the terminal", help: "send standard output to a file or a pipe, or use dest=FILE")
        }
        if check { return try await DockerfileCheck(request: request, builder: ImageBuilder(environment: environment.build(global))).run() }
        let builder = ImageBuilder(environment: environment.build(global))
        if plan { return try StandardStream.output.write(PlanText(steps: try await builder.plan(request)).text) }
        try await build(request, builder, environment)
    }

    package func validate() throws {
        if context == "-", options.file == "-" {
            throw ValidationError("The context and the Dockerfile cannot both be standard input.")
        }
    }

    private func requestedContext(_ spooled: StandardInputFile?) throws -> BuildRequest.Context {
        try ContextArgument(text: context).meaning(spooled)
    }

    private var mode: ProgressMode {
        quiet
            ? .quiet
            : progress.resolved(
                isTerminal: StandardStream.error.terminal != nil,
                isDumb: ProcessEnvironment.current.isDumbTerminal)
    }

    private func renderer(_ mode: ProgressMode, style: Style) -> any ProgressRenderer {
        switch mode {
        case .quiet: return QuietProgress()
        case .rawjson: return JSONProgress()
        case .plain, .auto: return PlainProgress(style: style)
        case .tty:
            let terminal = StandardStream.error.terminal
            return TerminalProgress(columns: terminal?.columns ?? 0, rows: terminal?.rows ?? 0, style: style)
        }
    }

    private func build(
        _ request: BuildRequest, _ builder: ImageBuilder, _ environment: ProcessEnvironment
    ) async throws {
        let mode = mode
        // A build that fails must not leave the id of the one before.
        if let path = options.imageIDFile { ReceiptFile(path: path).clear() }
        let style = StandardStream.error.style(in: environment)
        let report: BuildReport
        do {
            report = try await ProgressDisplay.show(with: renderer(mode, style: style), isLive: mode == .tty) {
                try await builder.build(request, events: $0)
            }
        } catch let error where !(error is CancellationError) {
            throw BuildFailure(underlying: error, mode: mode)
        }
        try finish(report, mode, style)
        // An archive on standard output leaves no room for anything else there.
        try (request.takesStandardOutput ? StandardStream.error : .output).line(report.imageID.description)
    }

    private func finish(_ report: BuildReport, _ mode: ProgressMode, _ style: Style) throws {
        let receipt = BuildReceipt(report: report)
        if let path = options.imageIDFile { try receipt.writeImageID(to: path) }
        if let path = options.metadataFile { try receipt.writeMetadata(to: path) }
        switch mode {
        case .quiet: break
        case .rawjson: try? StandardStream.error.write(JSONProgress.result(report))
        case .plain, .auto, .tty:
            let columns = StandardStream.error.terminal?.columns ?? 0
            try? StandardStream.error.write(
                LedgerText(report, width: columns > 0 ? columns - 1 : 100, style: style).text + "\n")
        }
    }
}

extension ProgressMode: ExpressibleByArgument {}

/// A build that failed, and how it was being shown: scripts that read JSON get the failure as JSON too.
struct BuildFailure: Error {
    var underlying: any Error
    var mode: ProgressMode
}
