import ArgumentParser
import ContentStorage
import HostSystem
import OCI

/// `jettison image prune`.
struct ImagePruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove images without a name.",
        discussion: "Example: jettison image prune -f --filter until=24h")

    @OptionGroup var global: GlobalOptions
    @Flag(name: [.customShort("a"), .long], help: "Remove named images as well.")
    var all = false
    @Flag(name: [.customShort("f"), .long], help: "Do not ask.")
    var force = false
    @Option(help: ArgumentHelp("Remove only some: until, label (repeatable).", valueName: "key=value"))
    var filter: [String] = []

    func run() throws {
        let access = ImageAccess(root: global.root)
        // Before asking, so that a mistake is told first.
        let chosen = try chosen(access)
        guard try force || Confirmation.ask(question) else {
            try StandardStream.output.line("Total reclaimed space: 0B")
            return
        }
        try StandardStream.output.write(try prune(chosen, access))
    }

    private var question: String {
        "WARNING! This will remove all \(all ? "images" : "images without a name").\nAre you sure you want to continue? [y/N] "
    }

    func chosen(_ access: ImageAccess) throws -> [StoredImage] {
        let filter = try ImageFilter(filter, keys: ["until", "label", "dangling"], access: access)
        return try access.list().filter { (all || $0.isUntagged) && filter.keeps($0) }
    }

    func prune(_ chosen: [StoredImage], _ access: ImageAccess) throws -> String {
        var text = ""
        for image in chosen {
            for name in try access.images.remove(image.target.digest) { text += "untagged: \(name.familiar)\n" }
            text += "deleted: \(image.id)\n"
        }
        let freed = try access.collect().freedBytes
        return (text.isEmpty ? "" : "Deleted Images:\n" + text + "\n")
            + "Total reclaimed space: \(ByteCount(freed).formatted(significantDigits: 4))\n"
    }
}

/// Asks on the terminal before something is removed.
enum Confirmation {
    /// False also when nobody can answer.
    static func ask(_ question: String) throws -> Bool {
        try StandardStream.error.write(question)
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercased())
    }
}
