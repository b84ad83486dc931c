import Archives
import BuildPlan
import HostSystem
package import OCI
package import Snapshots

/// Unpacks base images, each stack of layers once however many steps ask at the same time.
actor BaseUnpacking {
    private let snapshotter: any Snapshotter
    private let blobs: any BlobSource
    private var running: [ChainID: Task<SnapshotID?, any Error>] = [:]

    init(snapshotter: any Snapshotter, blobs: any BlobSource) {
        self.snapshotter = snapshotter
        self.blobs = blobs
    }

    func unpack(
        _ base: BaseOperation, progress: @escaping @Sendable (_ done: Int, _ count: Int) -> Void,
        onFailure: @escaping @Sendable (any Error) -> any Error
    ) async throws -> SnapshotID? {
        guard let chain = base.chainID else { return nil }
        if let id = SnapshotID(chain: chain), snapshotter.contains(id) { return id }
        let task: Task<SnapshotID?, any Error>
        if let known = running[chain] {
            task = known
        } else {
            let (snapshotter, blobs) = (snapshotter, blobs)
            // Unstructured because two steps share it; whoever is cancelled cancels it for both, as the build ends.
            task = Task { try await Self.unpack(base, snapshotter, blobs, progress) }
            running[chain] = task
        }
        do {
            return try await withTaskCancellationHandler { try await task.value } onCancel: { task.cancel() }
        } catch is CancellationError {
            throw CancellationError()
        } catch { throw onFailure(error) }
    }

    private static func unpack(
        _ base: BaseOperation, _ snapshotter: any Snapshotter, _ blobs: any BlobSource,
        _ progress: @Sendable (Int, Int) -> Void
    ) async throws -> SnapshotID? {
        let image = UnpackedImage(
            reference: base.reference.familiar, layers: base.layers, diffIDs: base.diffIDs)
        return try await image.unpack(snapshotter: snapshotter, blobs: blobs, progress: progress)
    }
}

/// The layers of an image as snapshots, each unpacked on top of the one below and named by its ChainID.
package struct UnpackedImage: Sendable {
    /// For messages.
    package var reference: String
    package var layers: [Descriptor]
    package var diffIDs: [DiffID]

    package init(reference: String, layers: [Descriptor], diffIDs: [DiffID]) {
        self.reference = reference
        self.layers = layers
        self.diffIDs = diffIDs
    }

    /// Unpacks what is missing; nil for an image without layers. Safe to run twice at once: the first commit wins.
    package func unpack(
        snapshotter: any Snapshotter, blobs: any BlobSource,
        progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }
    ) async throws -> SnapshotID? {
        var chain: ChainID?
        var parent: SnapshotID?
        guard layers.count == diffIDs.count else { throw UnpackError(reference, "its manifest and config disagree") }
        for (index, (layer, diffID)) in zip(layers, diffIDs).enumerated() {
            try Task.checkCancellation()
            let next = ChainID(chain, diffID)
            guard let id = SnapshotID(chain: next) else { return nil }
            if !snapshotter.contains(id) {
                let bytes = try await blobs.read(layer)
                let below = parent
                try await BlockingPool.run {
                    let writable = try snapshotter.prepare(on: below)
                    do {
                        _ = try LayerApplication.apply(try bytes.reader(), expecting: diffID, to: writable)
                        try snapshotter.commit(writable, as: id)
                    } catch {
                        try? snapshotter.discard(writable)
                        throw error
                    }
                }
            }
            progress(index + 1, layers.count)
            chain = next
            parent = id
        }
        return parent
    }
}

struct UnpackError: Error, CustomStringConvertible {
    let description: String
    init(_ reference: String, _ why: String) { description = "cannot unpack \(reference): \(why)" }
}
