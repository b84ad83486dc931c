package import ArgumentParser
import ImageBuild

/// `jettison`.
package struct Root: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "jettison",
        abstract: "Builds container images from Dockerfiles, without a daemon, and shows where their bytes come from.",
        discussion: """
            Images, layers and cache live in one directory: --root DIR, JETTISON_ROOT, or by default \
            /var/lib/jettison (as root) and ~/.local/share/jettison.

            Example: jettison build -t app .
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Building", subcommands: building),
            CommandGroup(name: "Images", subcommands: images),
            CommandGroup(name: "Looking", subcommands: looking),
        ])

    /// One command a line; every room that brings commands adds its own here.
    private static let building: [any ParsableCommand.Type] = [
        BuildCommand.self,
        RunCommand.self,
        DebugCommand.self,
        BaseCommand.self,
    ]
    private static let images: [any ParsableCommand.Type] = [
        ImagesCommand.self,
        HistoryCommand.self,
        InspectCommand.self,
        TagCommand.self,
        RemoveImageCommand.self,
        SaveCommand.self,
        LoadCommand.self,
        ImageGroup.self,
        BuilderGroup.self,
        SystemGroup.self,
        DiskUsageCommand.self,
    ]
    private static let looking: [any ParsableCommand.Type] = [
        AnalyzeCommand.self,
        ParseCommand.self,
        ContextCommand.self,
        DoctorCommand.self,
        VersionCommand.self,
    ]

    package init() {}

    /// The whole program: parses the command line, runs the command and ends the process with its exit code.
    package static func run() async -> Never {
        let words = CommandLine.arguments.dropFirst()
        // What `debug` lends to a root without a shell.
        if words.first == DebugSession.shellWord {
            exit(withError: ExitCode(TinyShell.run(Array(words.dropFirst()), environment: ProcessEnvironment.current.variables)))
        }
        exit(withError: await Invocation(arguments: Array(CommandLine.arguments.dropFirst())).perform())
    }
}
