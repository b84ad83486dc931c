package import ArgumentParser
import Execution
import ImageBuild

/// `jettison run`.
package struct RunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an image in the foreground and pass its exit code on.",
        usage: "jettison run [<options>] <image> [<argument> ...]",
        discussion: """
            What the container writes is dropped when it ends. Standard input, output and error are passed through; \
            everything after <image> belongs to the container.

            Example: jettison run --read-only -e PORT=8080 app:1.0
            """)

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The image, and what replaces its CMD.", valueName: "image"))
    var words: [String] = []
    @OptionGroup var options: RunOptions
    @OptionGroup var global: GlobalOptions

    package init() {}

    package func validate() throws {
        guard let image = words.first else { throw ValidationError("Missing expected argument '<image>'") }
        // Passing through starts at the first word nobody knows, even at one that looks like a flag.
        if image == "-h" || image == "--help" { throw CleanExit.helpRequest(self) }
        if image.hasPrefix("-") { throw ValidationError("Unknown option '\(image)'") }
    }

    package func run() async throws {
        let environment = ProcessEnvironment.current
        var request = try options.request(words: words, environment: environment.variables)
        request.mounts = request.mounts.map { MountArguments.absolute($0, from: ProcessEnvironment.currentDirectory) }
        let exit = try await ContainerRunner(environment: environment.build(global)).run(request)
        if exit == .outOfMemory {
            try StandardStream.error.line("error: the container ran out of memory and was killed by the kernel")
        }
        if !exit.isSuccess { throw ExitCode(exit.code) }
    }
}
