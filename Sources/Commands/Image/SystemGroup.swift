package import ArgumentParser
import ContentStorage
import HostSystem
import OCI
import SystemPackage

/// `jettison system`.
package struct SystemGroup: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "system", abstract: "Look after the store.", discussion: "Example: jettison system df",
        subcommands: [SystemUsageCommand.self])
    package init() {}
}

/// `jettison system df`.
struct SystemUsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "df", abstract: "Show what the store takes on disk.", discussion: "Example: jettison system df")
    @OptionGroup var usage: StoreUsage
    func run() throws { try usage.run() }
}

/// `jettison du`.
package struct DiskUsageCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "du", abstract: "Show what the store takes on disk.", discussion: "Example: jettison du")
    @OptionGroup var usage: StoreUsage
    package init() {}
    package func run() throws { try usage.run() }
}

/// Who takes how much of the disk.
package struct StoreUsage: ParsableArguments {
    @OptionGroup package var global: GlobalOptions
    @Option(help: ArgumentHelp("json, table, or a Go template as docker takes them.", valueName: "format"))
    package var format: String?

    package init() {}

    func run() throws { try StandardStream.output.write(try text(ImageAccess(root: global.root))) }

    func text(_ access: ImageAccess) throws -> String {
        let images = try access.list()
        let stored = Dictionary(
            try access.images.content.list().map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first })
        let used = Self.blobs(of: images).intersection(stored.keys)
        let named = Self.blobs(of: images.filter { !$0.isUntagged })
        let imageBytes = used.reduce(Int64(0)) { $0 + (stored[$1] ?? 0) }
        let danglingBytes = used.subtracting(named).reduce(Int64(0)) { $0 + (stored[$1] ?? 0) }
        let snapshots = Self.usage(of: access.root.appending("snapshots"))
        let cacheBytes = snapshots.bytes + stored.filter { !used.contains($0.key) }.reduce(Int64(0)) { $0 + $1.value }
        let rows = [
            row("Images", images.count, images.count { !$0.isUntagged }, imageBytes, danglingBytes),
            row("Build Cache", snapshots.count, 0, cacheBytes, cacheBytes),
        ]
        return try reportingTemplates {
            try ListFormat(format, table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}")
                .render(
                    rows, titles: ["TotalCount": "TOTAL"],
                    fields: ["Type", "TotalCount", "Active", "Size", "Reclaimable", "SizeBytes"])
        }
    }

    private func row(_ type: String, _ total: Int, _ active: Int, _ bytes: Int64, _ reclaimable: Int64) -> TemplateValue
    {
        let share = bytes > 0 ? " (\(Int(Double(reclaimable) / Double(bytes) * 100))%)" : ""
        return .record([
            "Type": .string(type), "TotalCount": .string(String(total)), "Active": .string(String(active)),
            "Size": .string(ByteCount(bytes).formatted(significantDigits: 4)),
            "Reclaimable": .string(ByteCount(reclaimable).formatted(significantDigits: 4) + share),
            "SizeBytes": .integer(bytes),
        ])
    }

    private static func blobs(of images: [StoredImage]) -> Set<Digest> {
        Set(images.flatMap { [$0.target.digest, $0.manifest.digest, $0.config.digest] + $0.layers.map(\.blob.digest) })
    }

    /// Snapshots and what they occupy; hard links count once.
    private static func usage(of path: FilePath) -> (count: Int, bytes: Int64) {
        guard let directory = try? Directory(opening: path) else { return (0, 0) }
        let committed = (try? Directory(opening: path.appending("committed")).entries()) ?? []
        var bytes: Int64 = 0
        var seen: Set<UInt64> = []
        try? TreeWalk.visit(directory) { entry in
            if entry.metadata.links == 1 || entry.metadata.kind == .directory
                || seen.insert(entry.metadata.inode).inserted
            {
                bytes += entry.metadata.blocks * 512
            }
            return .descend
        }
        return (committed.count { $0.kind == .directory }, bytes)
    }
}
