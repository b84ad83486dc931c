import ArgumentParser
import BuildContext
import Diagnostics
import ImageBuild
import PathPatterns
import SystemPackage

/// `jettison context ls`.
struct ContextListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the files a build sees, and what the ignore file keeps out.",
        discussion: """
            Lines of the ignore file that do not do what they seem to are named on standard error.

            Example: jettison context ls -f docker/Dockerfile .
            """)

    @Argument(help: ArgumentHelp("A directory, '-' for a tar on standard input, or a URL, as for build.", valueName: "context"))
    var context = "."
    @Option(name: .shortAndLong, help: ArgumentHelp("The Dockerfile, whose own ignore file counts.", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format = DocumentFormat.text
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let seen = try await ContextArgument(text: context, file: file).look(with: global)
        defer { withExtendedLifetime(seen) {} }
        let (tree, diagnostics) = (seen.tree, seen.diagnostics)
        let listing = try ContextListing(of: tree)
        switch format {
        case .json: try StandardStream.output.line(ContextReport.json(listing).compact)
        case .text:
            try StandardStream.output.write(ContextReport.text(listing))
            DiagnosticText.say(diagnostics + listing.audit.diagnostics)
        }
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode.failed }
    }
}
