package import ArgumentParser
import ContentStorage
import HostSystem
import OCI

/// `jettison history`.
package struct HistoryCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what made an image, newest first.",
        discussion: "Example: jettison history --no-trunc --format '{{.Size}}\\t{{.CreatedBy}}' app")

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("A name, or the beginning of an id.", valueName: "image"))
    var image: String
    @Flag(name: .customLong("no-trunc"), help: "Do not shorten anything.")
    var noTruncation = false
    @Flag(
        name: [.customShort("H"), .long], inversion: .prefixedNo, help: "Print sizes and times for people, or exactly.")
    var human = true
    @Flag(name: [.customShort("q"), .long], help: "Print ids only.")
    var quiet = false
    @Option(help: ArgumentHelp("json, table, or a Go template as docker takes them.", valueName: "format"))
    var format: String?

    package init() {}

    package func run() throws { try StandardStream.output.write(try text(ImageAccess(root: global.root))) }

    func text(_ access: ImageAccess) throws -> String {
        let lines = try access.resolve(image).pastLines
        let rows = lines.enumerated().map { row($0.element, isFirst: $0.offset == 0, access.now) }
        return try reportingTemplates {
            let columns = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
            return try ListFormat(format ?? (quiet ? "{{.ID}}" : nil), table: columns).render(
                rows, titles: ["ID": "IMAGE", "CreatedSince": "CREATED", "CompressedSize": "COMPRESSED"],
                fields: Self.fields)
        }
    }

    private static let fields = [
        "ID", "CreatedSince", "CreatedAt", "CreatedBy", "Size", "CompressedSize", "SizeBytes", "CompressedBytes",
        "Comment",
        "EmptyLayer", "DiffID",
    ]

    private func row(_ line: PastLine, isFirst: Bool, _ now: Timestamp) -> TemplateValue {
        let time = line.created?.rfc3339 ?? "N/A"
        func size(_ bytes: Int64) -> TemplateValue { .string(human ? ByteCount(bytes).description : String(bytes)) }
        let by = Table.printable(line.history.createdBy ?? "")
        return .record([
            "ID": .string(!isFirst ? "<missing>" : noTruncation ? line.image.description : line.image.short),
            "CreatedSince": .string(human ? Age.text(line.created, at: now) : time),
            "CreatedAt": .string(time),
            "CreatedBy": .string(noTruncation ? by : Self.shortened(by)),
            "Size": size(line.layer?.size ?? 0),
            "CompressedSize": size(line.layer?.blob.size ?? 0),
            "SizeBytes": .integer(line.layer?.size ?? 0),
            "CompressedBytes": .integer(line.layer?.blob.size ?? 0),
            "Comment": .string(Table.printable(line.history.comment ?? "")),
            "EmptyLayer": .bool(line.layer == nil),
            "DiffID": .string(line.layer?.diffID.description ?? ""),
        ])
    }

    /// 45 characters, the last of them the dots.
    static func shortened(_ text: String) -> String {
        text.unicodeScalars.count <= 45 ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(44))) + "…"
    }
}

/// One line of an image's history with the layer it made.
struct PastLine {
    var history: History
    /// nil when the line changed only the config.
    var layer: StoredImage.Layer?
    var image: Digest
    var created: Timestamp? { history.created.flatMap { Timestamp(rfc3339: $0) } }
}

extension StoredImage {
    /// Newest first. Layers that the history does not tell of get lines of their own.
    var pastLines: [PastLine] {
        var rest = layers[...]
        var lines: [PastLine] = []
        for history in config.value.history ?? [] {
            let layer = history.emptyLayer == true ? nil : rest.popFirst()
            lines.append(PastLine(history: history, layer: layer, image: id))
        }
        for layer in rest {
            lines.append(PastLine(history: History(created: config.value.created), layer: layer, image: id))
        }
        return lines.reversed()
    }
}
