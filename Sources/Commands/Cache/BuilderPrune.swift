import ArgumentParser
import BuildSolver
import ContentStorage
import HostSystem
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
            Without -a only steps that a later build replaced. With it cache mounts go as well; \
            --filter type=exec.cachemount removes those alone, perhaps with id=NAME or until=24h. Images stay, and so \
            does what running builds use.

            Example: jettison builder prune -a -f
            """)

    @OptionGroup var global: GlobalOptions
    @Flag(name: [.customShort("a"), .long], help: "Remove every step: the next build starts from its bases.")
    var all = false
    @Flag(name: [.customShort("f"), .long], help: "Do not ask.")
    var force = false
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Remove only some: type=regular|exec.cachemount, id, until. Repeatable.", valueName: "key=value"))
    var filter: [String] = []

    func run() async throws {
        let filter = try CacheMountFilter(filter, at: .now)
        let what = switch filter.kind {
        case .mounts: "cache mounts that no build uses"
        case .steps: all ? "every step of the build cache" : "replaced steps of the build cache"
        case nil: all ? "the whole build cache" : "replaced steps of the build cache"
        }
        let question = "WARNING! This will remove \(what).\nAre you sure you want to continue? [y/N] "
        guard try force || Confirmation.ask(question) else {
            try StandardStream.output.line("Total reclaimed space: 0B")
            return
        }
        let environment = ProcessEnvironment.current.build(global)
        var freed: Int64 = 0
        if filter.kind != .mounts { freed += try await CachePruning(environment: environment).prune(all: all).freedBytes }
        if filter.kind == .mounts || (filter.kind == nil && all) {
            let mounts = environment.cacheMounts
            freed += try await BlockingPool.run { try mounts.remove(where: filter.keeps) }
        }
        try StandardStream.output.line("Total reclaimed space: \(ByteCount(freed).formatted(significantDigits: 4))")
    }
}
