package import HostSystem
package import OCI

/// An image in the store, as docker thinks of one: a config with its layers, under any number of names.
package struct StoredImage: Sendable {
    /// Names that lead here, sorted; empty for an image that lost its last one.
    package var references: [Reference]
    /// What the names point at: the manifest, or an index that lists it.
    package var target: Descriptor
    package var manifest: Document<Manifest>
    package var config: Document<ImageConfig>
    /// Bottom first.
    package var layers: [Layer]

    package struct Layer: Sendable, Hashable {
        package var diffID: DiffID
        package var blob: Descriptor
        package var info: LayerInfo?
        /// Bytes of the files in it where known, else the length of the blob.
        package var size: Int64 { info?.unpackedBytes ?? blob.size }
    }

    /// What docker calls the image id: the config's digest.
    package var id: Digest { config.digest }
    package var isUntagged: Bool { references.isEmpty }
    /// When it was built, if its config says so.
    package var created: Timestamp? { config.value.created.flatMap { Timestamp(rfc3339: $0) } }
    /// Bytes on disk when unpacked, as far as known.
    package var size: Int64 { layers.reduce(0) { $0 &+ $1.size } }
    /// Bytes of the layers as stored and pushed.
    package var compressedSize: Int64 { layers.reduce(0) { $0 &+ $1.blob.size } }
}

extension StoredImage {
    /// Reads the documents behind `target`. Of an index: the manifest for `platform`, else the first that is here.
    package init(
        reading target: Descriptor, names: [Reference] = [], platform: Platform = .host, from store: ContentStore,
        layers index: LayerIndex
    ) throws {
        self.target = target
        references = names
        let descriptor = try Self.manifest(of: target, platform: platform, in: store, depth: 0)
        let manifest = try store.document(descriptor, as: Manifest.self)
        let config = try store.document(manifest.value.config, as: ImageConfig.self)
        let diffIDs = config.value.rootfs.diffIDs
        guard diffIDs.count == manifest.value.layers.count else {
            throw StorageError(
                .damaged,
                "the image \(manifest.digest) has \(manifest.value.layers.count) layers, but its config names \(diffIDs.count)"
            )
        }
        self.manifest = manifest
        self.config = config
        layers = zip(diffIDs, manifest.value.layers).map { Layer(diffID: $0, blob: $1, info: index.info(for: $0)) }
    }

    private static func manifest(
        of target: Descriptor, platform: Platform, in store: ContentStore, depth: Int
    ) throws -> Descriptor {
        guard target.mediaType.isIndex else { return target }
        guard depth < 4 else { throw StorageError(.damaged, "the index \(target.digest) is nested too deeply") }
        let index = try store.document(target, as: Index.self).value
        // Attestations are manifests for the platform unknown/unknown.
        let present = index.manifests.filter { store.holds($0) && $0.platform?.os != "unknown" }
        var local = index
        local.manifests = present
        guard let chosen = local.manifest(for: platform) ?? present.first else {
            throw StorageError(.blobNotFound, "the store has none of the images that the index \(target.digest) lists")
        }
        return try manifest(of: chosen, platform: platform, in: store, depth: depth + 1)
    }
}
