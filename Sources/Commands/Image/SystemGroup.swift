package import ArgumentParser
import BuildSolver
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
    @Flag(help: "List the cache mounts: id, size, and when a step used them last.")
    package var mounts = false

    package init() {}

    func run() throws {
        let access = ImageAccess(root: global.root)
        try StandardStream.output.write(try mounts ? listing(access) : text(access))
    }

    private func store(_ access: ImageAccess) -> CacheMountStore {
        CacheMountStore(directory: access.root.appending("cache-mounts"))
    }

    func listing(_ access: ImageAccess) throws -> String {
        let store = store(access)
        let rows = try store.list().map { entry in
            let bytes = store.bytes(of: entry)
            return TemplateValue.record([
                "ID": .string(entry.id), "Size": .string(ByteCount(bytes).formatted(significantDigits: 4)),
                "LastUsed": .string(Age(of: entry.lastUsed, at: access.now).description),
                "Created": .string(Age(of: entry.created, at: access.now).description),
                "InUse": .string(entry.isInUse ? "true" : "false"), "SizeBytes": .integer(bytes),
            ])
        }
        return try reportingTemplates {
            try ListFormat(format, table: "{{.ID}}\t{{.Size}}\t{{.LastUsed}}\t{{.InUse}}")
                .render(
                    rows, titles: ["LastUsed": "LAST USED", "InUse": "IN USE"],
                    fields: ["ID", "Size", "LastUsed", "Created", "InUse", "SizeBytes"])
        }
    }

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
        let store = store(access)
        let mounts = try store.list()
        let mountBytes = mounts.map(store.bytes)
        let idle = zip(mounts, mountBytes).filter { !$0.0.isInUse }.reduce(Int64(0)) { $0 + $1.1 }
        let rows = [
            row("Images", images.count, images.count { !$0.isUntagged }, imageBytes, danglingBytes),
            row("Build Cache", snapshots.count, 0, cacheBytes, cacheBytes),
            row("Cache Mounts", mounts.count, mounts.count(where: \.isInUse), mountBytes.reduce(0, +), idle),
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
