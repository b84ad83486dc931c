import ArgumentParser
import ContentStorage
import ImageBuild

/// `jettison builder`.
struct BuilderGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "builder", abstract: "Look after the build cache.", subcommands: [BuilderPruneCommand.self])
}

/// `jettison builder prune`.
struct BuilderPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove steps of earlier builds from the cache.",
        discussion: """
            Without -a only steps that a later build replaced. Images stay, and so does what running builds use.

            Example: jettison builder prune -a -f
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(name: [.customShort("a"), .long], help: "Remove every step: the next build starts from its bases.")
    var all = false
    @Flag(name: [.customShort("f"), .long], help: "Do not ask.")
    var force = false

    func run() async throws {
        let what = all ? "the whole build cache" : "replaced steps of the build cache"
        let question = "WARNING! This will remove \(what).\nAre you sure you want to continue? [y/N] "
        guard try force || Confirmation.ask(question) else {
            try StandardStream.output.line("Total reclaimed space: 0B")
            return
        }
        let report = try await CachePruning(environment: ProcessEnvironment.current.build(global)).prune(all: all)
        try StandardStream.output.line(
            "Total reclaimed space: \(ByteCount(report.freedBytes).formatted(significantDigits: 4))")
    }
}
