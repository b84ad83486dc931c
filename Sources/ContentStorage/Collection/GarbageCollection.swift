package import HostSystem
package import OCI
package import SystemPackage

/// Removes what no image, no cache record and no running process needs: blobs, layer infos, snapshots, and leftovers of
/// processes that died.
///
/// It excludes makers of blobs while it decides and removes; reading goes on. What was written or relied upon after the
/// oldest live lease began stays, whoever needs it.
package struct GarbageCollection: Sendable {
    /// What snapshots to remove: everything but these names, if older than that.
    package struct SnapshotSweep: Sendable {
        /// Snapshots of image layers, of leases, and those that the caller asked to keep.
        package var needed: Set<String>
        package var olderThan: Timestamp
    }
    package struct SweptSnapshots: Sendable {
        package var removed: [(name: String, bytes: Int64)]
        /// What is left.
        package var kept: Set<String>
        package init(removed: [(name: String, bytes: Int64)], kept: Set<String>) {
            self.removed = removed
            self.kept = kept
        }
    }
    package struct Report: Sendable {
        package var blobs: [StoredBlob] = []
        package var layers: [DiffID] = []
        package var snapshots: [(name: String, bytes: Int64)] = []
        /// Bytes of unfinished files that dead processes left.
        package var leftoverBytes: Int64 = 0
        package var freedBytes: Int64 {
            blobs.reduce(0) { $0 + $1.size } + snapshots.reduce(0) { $0 + $1.bytes } + leftoverBytes
        }
    }

    private let images: ImageStore
    private var paths: StorePaths { images.content.paths }

    package init(root: FilePath) { images = ImageStore(root: root) }

    /// File systems stamp files with a clock that lags behind by a tick; a tick is a few milliseconds.
    private static let clockMargin: Int64 = 2

    /// - Parameters:
    ///   - needs: what the cache's records need.
    ///   - sweep: removes snapshots; without it all stay.
    package func collect(
        keeping needs: Needs = Needs(), snapshots sweep: ((SnapshotSweep) throws -> SweptSnapshots)? = nil
    ) throws -> Report {
        let lock = try paths.lockCollection(.exclusive)
        defer { lock.release() }
        let live = try LiveLeases(paths: paths)
        var limit = live.oldest ?? .now
        if live.oldest != nil { limit.seconds -= Self.clockMargin } else { limit.seconds += Self.clockMargin }
        var needs = needs
        needs.formUnion(live.needs)
        needs.formUnion(try imageNeeds())

        var report = Report()
        var kept = Set(try images.layers.snapshots())
        if let sweep {
            let swept = try sweep(SnapshotSweep(needed: needs.snapshots, olderThan: limit))
            report.snapshots = swept.removed
            kept = swept.kept
        }
        try removeLayers(&report, &needs, snapshots: kept, olderThan: limit)
        for blob in try images.content.list() where !needs.blobs.contains(blob.digest) && blob.modified < limit {
            try images.content.remove(blob.digest)
            report.blobs.append(blob)
        }
        report.leftoverBytes = try removeLeftovers(olderThan: limit)
        return report
    }

    /// Forgets layers that neither an image nor a snapshot is made of. Adds the blobs of the others to the needs.
    private func removeLayers(
        _ report: inout Report, _ needs: inout Needs, snapshots: Set<String>, olderThan limit: Timestamp
    ) throws {
        let index = images.layers
        for name in try index.snapshots() {
            if snapshots.contains(name) || needs.snapshots.contains(name) {
                if let layer = index.layer(ofSnapshot: name) { needs.layers.insert(layer) }
            } else if try isOld(paths.snapshotLayers.appending(name + ".json"), limit) {
                try index.removeLayer(ofSnapshot: name)
            }
        }
        for layer in try index.layers() {
            if try needs.layers.contains(layer) || !isOld(paths.layers.appending(layer.digest.hex + ".json"), limit) {
                needs.blobs.formUnion((index.info(for: layer)?.blobs ?? []).map(\.digest))
            } else {
                try index.remove(layer)
                report.layers.append(layer)
            }
        }
    }

    private func isOld(_ path: FilePath, _ limit: Timestamp) throws -> Bool {
        try ifPresent { () throws(SystemError) in try FileMetadata(at: path).modified }.map { $0 < limit } ?? false
    }

    /// Everything that images are made of. An image that cannot be read keeps what of it can be found.
    private func imageNeeds() throws -> Needs {
        var needs = Needs()
        for (target, _) in try images.targets() { add(target, to: &needs, depth: 0) }
        return needs
    }

    private func add(_ target: Descriptor, to needs: inout Needs, depth: Int) {
        guard needs.blobs.insert(target.digest).inserted, depth < 8 else { return }
        if target.mediaType.isIndex {
            for child in (try? images.content.document(target, as: Index.self))?.value.manifests ?? [] {
                add(child, to: &needs, depth: depth + 1)
            }
        } else if let manifest = try? images.content.document(target, as: Manifest.self).value {
            needs.blobs.insert(manifest.config.digest)
            needs.blobs.formUnion(manifest.layers.map(\.digest))
            guard let config = try? images.content.document(manifest.config, as: ImageConfig.self).value else { return }
            var chain: ChainID?
            for layer in config.rootfs.diffIDs {
                needs.layers.insert(layer)
                let next = ChainID(chain, layer)
                needs.snapshots.insert("sha256-" + next.digest.hex)
                chain = next
            }
        }
    }

    private func removeLeftovers(olderThan limit: Timestamp) throws -> Int64 {
        guard let directory = try ifPresent({ () throws(SystemError) in try Directory(opening: paths.temporary) })
        else { return 0 }
        var bytes: Int64 = 0
        for entry in try directory.entries() {
            let name = FilePath(root: nil, [entry.name])
            guard let found = try? directory.metadata(at: name), found.modified < limit else { continue }
            try directory.removeTree(name)
            if found.kind == .file { bytes += found.size }
        }
        return bytes
    }
}
