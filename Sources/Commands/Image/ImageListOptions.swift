package import ArgumentParser
import ContentStorage
import HostSystem
import OCI

/// What `jettison images` and `jettison image ls` take and do.
package struct ImageListOptions: ParsableArguments {
    @OptionGroup package var global: GlobalOptions
    @Argument(help: ArgumentHelp("Only images of this name; * and ? stand for letters.", valueName: "name[:tag]"))
    package var name: String?
    @Flag(name: [.customShort("a"), .long], help: "List all images. There are no others: for docker's sake.")
    package var all = false
    @Flag(name: [.customShort("q"), .long], help: "Print ids only.")
    package var quiet = false
    @Flag(help: "Show digests.")
    package var digests = false
    @Flag(name: .customLong("no-trunc"), help: "Do not shorten ids.")
    package var noTruncation = false
    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp(
            "Keep only some: dangling, before, since, label, reference, until (repeatable).", valueName: "key=value"))
    package var filter: [String] = []
    @Option(help: ArgumentHelp("json, table, or a Go template as docker takes them.", valueName: "format"))
    package var format: String?

    package init() {}

    func run() throws { try StandardStream.output.write(try text(ImageAccess(root: global.root))) }

    func text(_ access: ImageAccess) throws -> String {
        let filter = try ImageFilter(
            filter, keys: ["dangling", "before", "since", "label", "reference", "until"], access: access)
        let pattern = name.map(ImagePattern.init)
        var rows: [TemplateValue] = []
        for image in try access.list() where filter.keeps(image) {
            if image.isUntagged {
                if pattern == nil { rows.append(row(image, nil, access.now)) }
            } else {
                for name in image.references where filter.keeps(name) && pattern?.matches(name) ?? true {
                    rows.append(row(image, name, access.now))
                }
            }
        }
        return try reportingTemplates {
            let chosen = format ?? (quiet ? "{{.ID}}" : nil)
            return try ListFormat(chosen, table: columns).render(rows, titles: Self.titles, fields: Self.fields)
        }
    }

    private var columns: String {
        "{{.Repository}}\t{{.Tag}}\t" + (digests ? "{{.Digest}}\t" : "") + "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
    }

    private static let titles = ["ID": "IMAGE ID", "CreatedSince": "CREATED", "CompressedSize": "COMPRESSED"]
    private static let fields = [
        "ID", "Repository", "Tag", "Digest", "CreatedSince", "CreatedAt", "Size", "CompressedSize", "SizeBytes",
        "CompressedBytes", "Platform", "Labels", "Containers", "SharedSize", "UniqueSize", "VirtualSize",
    ]

    private func row(_ image: StoredImage, _ name: Reference?, _ now: Timestamp) -> TemplateValue {
        let labels = image.config.value.config?.labels ?? [:]
        let size = TemplateValue.string(ByteCount(image.size).description)
        return .record([
            "ID": .string(noTruncation ? image.id.description : image.id.short),
            "Repository": .string(name?.familiarName ?? "<none>"),
            "Tag": .string(name?.tag ?? "<none>"),
            "Digest": .string(name == nil ? "<none>" : image.target.digest.description),
            "CreatedSince": .string(Age.text(image.created, at: now)),
            "CreatedAt": .string(image.created?.dockerText ?? "N/A"),
            "Size": size,
            "CompressedSize": .string(ByteCount(image.compressedSize).description),
            "SizeBytes": .integer(image.size),
            "CompressedBytes": .integer(image.compressedSize),
            "Platform": .string(image.config.value.platform.description),
            "Labels": .string(labels.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: ",")),
            "Containers": "N/A", "SharedSize": "N/A", "UniqueSize": "N/A", "VirtualSize": size,
        ])
    }
}

/// `jettison images`.
package struct ImagesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "images", abstract: "List images.",
        discussion: "Example: jettison images --format '{{.Repository}}:{{.Tag}} {{.Size}} {{.CompressedSize}}'")
    @OptionGroup var options: ImageListOptions
    package init() {}
    package func run() throws { try options.run() }
}

/// `jettison image ls`.
struct ImageListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List images.", discussion: "Example: jettison image ls", aliases: ["list"])
    @OptionGroup var options: ImageListOptions
    func run() throws { try options.run() }
}
