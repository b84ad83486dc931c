import ArgumentParser
import BuildContext
import Diagnostics
import ImageBuild
import SystemPackage

/// `jettison context why`.
struct ContextWhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say whether a build sees a path, and which line of the ignore file decides it.",
        discussion: "Example: jettison context why dist/app.js .")

    @Argument(help: ArgumentHelp("A path below the context.", valueName: "path")) var path: String
    @Argument(help: ArgumentHelp("A directory, '-' for a tar on standard input, or a URL, as for build.", valueName: "context"))
    var context = "."
    @Option(name: .shortAndLong, help: ArgumentHelp("The Dockerfile, whose own ignore file counts.", valueName: "file"))
    var file: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format = DocumentFormat.text
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let seen = try await ContextArgument(text: context, file: file).look(with: global)
        let answer = try ContextAnswer(on: FilePath(path), in: seen.tree)
        withExtendedLifetime(seen) {}
        switch format {
        case .json: try StandardStream.output.line(ContextAnswerReport.json(answer).compact)
        case .text: try StandardStream.output.line(ContextAnswerReport.text(answer))
        }
        switch answer {
        case .included, .excluded: break
        case .missing, .broken: throw ExitCode.failed
        }
    }
}
