import HostSystem
package import OCI

/// What the layers of an image are made of: who added, changed and removed what, and what of it was for nothing.
///
/// Every layer is read once, several at a time; nothing is unpacked to disk. Works for any image any tool made.
package struct ImageAnalysis: Sendable {
    /// One layer.
    package struct Layer: Sendable, Hashable {
        package var index: Int
        package var diffID: DiffID
        /// As stored.
        package var blob: Descriptor
        /// What made it, as the history says; empty when it says nothing.
        package var command: String
        /// Sum of the sizes of its files, in bytes.
        package var sizeBytes: Int64
        /// Length of the uncompressed tar, in bytes.
        package var tarBytes: Int64
        package var files: Int
        /// It came with the base image.
        package var isBase: Bool
        package var compressedBytes: Int64 { blob.size }
    }

    package let layers: [Layer]
    /// How many of the layers came with the base image; 0 when that is not known.
    package let baseLayers: Int
    /// dive's score, 0 ... 1.
    package let efficiencyScore: Double
    /// dive's waste: paths that occur in several layers, with all their copies. The largest first.
    package let inefficientFiles: [InefficientFile]
    /// What really could be saved.
    package let deadBytes: [DeadBytes]
    package let duplicates: [DuplicateFiles]
    private let stack: LayerStack

    package struct InefficientFile: Sendable, Hashable {
        package var path: String
        package var copies: Int
        package var bytes: Int64
    }

    /// Reads all layers, bottom first.
    /// - Parameter baseLayers: how many of them are the base's.
    package init(
        _ sources: [LayerSource], history: [History], baseLayers: Int = 0, limits: AnalysisLimits = AnalysisLimits()
    ) async throws {
        let listings = try await BlockingPool.run {
            try BlockingPool.concurrentMap(sources) { try LayerListing(reading: $0, limits: limits) }
        }
        var stack = LayerStack()
        for listing in listings {
            try Task.checkCancellation()
            stack.add(listing)
        }
        self.init(stack, sources, history, baseLayers: baseLayers)
    }

    private init(_ stack: LayerStack, _ sources: [LayerSource], _ history: [History], baseLayers: Int) {
        self.stack = stack
        self.baseLayers = min(baseLayers, sources.count)
        let commands = history.filter { $0.emptyLayer != true }.map { $0.createdBy ?? "" }
        layers = sources.enumerated().map { index, source in
            let listing = stack.listings[index]
            return Layer(
                index: index, diffID: source.diffID, blob: source.blob,
                command: commands.indices.contains(index) ? commands[index] : "",
                sizeBytes: listing.entries.reduce(0) { $0 + $1.size }, tarBytes: listing.tarBytes,
                files: listing.entries.count, isBase: index < baseLayers)
        }
        efficiencyScore = stack.efficiency.score
        inefficientFiles = stack.efficiency.repeated
            .map { InefficientFile(path: "/" + stack.table.path(of: $0.node), copies: $0.copies, bytes: $0.bytes) }
            .sorted { ($0.bytes, $1.path) > ($1.bytes, $0.path) }
        deadBytes = stack.deadBytes()
        duplicates = stack.duplicates(most: 100)
    }

    /// Sum over the layers, in bytes.
    package var sizeBytes: Int64 { layers.reduce(0) { $0 + $1.sizeBytes } }
    package var compressedBytes: Int64 { layers.reduce(0) { $0 + $1.compressedBytes } }
    /// dive's wasted bytes.
    package var inefficientBytes: Int64 { inefficientFiles.reduce(0) { $0 + $1.bytes } }
    /// Bytes of files that ship and cannot be seen.
    package var deadByteCount: Int64 { deadBytes.reduce(0) { $0 + $1.bytes } }
    /// dive's share: its wasted bytes against those of all layers but the first; 0 where there is no second.
    package var userWastedShare: Double {
        let user = layers.dropFirst().reduce(0) { $0 + $1.sizeBytes }
        return user == 0 ? 0 : Double(inefficientBytes) / Double(user)
    }

    /// What a layer did, in the order of its entries, removals first.
    package func changes(of layer: Int) -> some Sequence<FileChange> {
        stack.changes[layer].lazy.map { stack.change($0) }
    }
}

extension LayerStack {
    func change(_ record: ChangeRecord) -> FileChange {
        var change = FileChange(
            path: table.path(of: record.node), kind: .directory, change: record.change, modification: record.modification,
            size: record.size, mode: 0, uid: 0, gid: 0)
        guard record.entry >= 0 else { return change }
        let listing = listings[Int(record.entryLayer)]
        let entry = listing.entries[Int(record.entry)]
        change.kind = entry.kind.shown
        change.mode = UInt32(entry.mode)
        change.uid = entry.uid
        change.gid = entry.gid
        if !entry.link.isEmpty { change.linkName = listing.string(entry.link) }
        return change
    }
}

extension LayerListing.Kind {
    var shown: FileChange.Kind {
        switch self {
        case .file: .file
        case .directory: .directory
        case .symlink: .symlink
        case .hardLink: .hardLink
        case .characterDevice: .characterDevice
        case .blockDevice: .blockDevice
        case .fifo: .fifo
        }
    }
}
