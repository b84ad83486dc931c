import Archives
import BuildSolver
import ContentStorage
import HostSystem
import OCI
import Snapshots

/// Turns snapshots into layer blobs, each once in its life.
struct LayerExport: Sendable {
    let content: ContentStore
    let layers: LayerIndex
    let snapshotter: any Snapshotter
    /// Times later than this, in seconds since 1970, are set to it.
    let clampTime: Int64?

    /// The layer of a snapshot: from the index when its blob is still there, else written now.
    func layer(of snapshot: SnapshotID, willWrite: () -> Void) async throws -> LayerInfo {
        // What is stacked has the layer of what was copied once.
        let snapshot = try snapshotter.content(of: snapshot)
        // A clamped layer has other bytes than the plain one: each is remembered under a name of its own.
        let name = snapshot.name + (clampTime.map { "-t\($0)" } ?? "")
        if let diffID = layers.layer(ofSnapshot: name), let info = layers.info(for: diffID),
            info.blobs.contains(where: { content.holds($0) })
        {
            return info
        }
        willWrite()
        return try await BlockingPool.run {
            let ingest = try content.ingest()
            var writer = try LayerWriter(to: ingest, compression: .gzip)
            try LayerExtraction.write(try snapshotter.changes(in: snapshot), to: &writer, clampTime: clampTime)
            let written = try writer.finish()
            _ = try ingest.commit(expecting: written.descriptor)
            let info = LayerInfo(
                diffID: written.diffID, unpackedBytes: written.unpackedBytes, tarBytes: written.tarBytes,
                blobs: [written.descriptor])
            try layers.save(info)
            try layers.setLayer(written.diffID, ofSnapshot: name)
            return info
        }
    }
}
