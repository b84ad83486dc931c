package import ArgumentParser
import Diagnostics
import DockerfileSyntax

/// `jettison parse`.
package struct ParseCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Print a Dockerfile as the builder understands it.",
        discussion: """
            JSON holds every instruction as written with its place; "dockerfile" is the file itself in a canonical \
            layout, nothing lost. What is wrong with the file goes to standard error, and into the JSON; the exit code \
            is 1 when it does not parse.

            Example: jettison parse --format json Dockerfile
            """)

    @Argument(help: ArgumentHelp("The Dockerfile; '-' reads standard input.", valueName: "file"))
    var file = "Dockerfile"
    @Option(help: ArgumentHelp("text, json or dockerfile.", valueName: "format")) var format = ParseFormat.text
    @OptionGroup var global: GlobalOptions

    package init() {}

    package func run() throws {
        let parsed = DockerfileParser.parse(try DockerfileText.read(file))
        switch format {
        case .json: try StandardStream.output.line(SyntaxJSON.document(parsed).compact)
        case .dockerfile:
            try StandardStream.output.write(DockerfilePrinter.text(of: parsed.value))
            DiagnosticText.say(parsed.diagnostics)
        case .text:
            try StandardStream.output.write(SyntaxDump.text(parsed.value))
            DiagnosticText.say(parsed.diagnostics)
        }
        if parsed.hasErrors { throw ExitCode.failed }
    }
}

/// What `parse` prints.
enum ParseFormat: String, ExpressibleByArgument { case text, json, dockerfile }
