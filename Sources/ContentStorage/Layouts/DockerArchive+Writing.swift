package import Archives
import HostSystem
package import OCI

extension DockerArchive {
    /// Writes a tar archive as `docker save` does: layers uncompressed, so that every tool reads it. Of an index, the
    /// image for `platform`. The same images give the same bytes.
    package static func write(
        _ exports: [ImageExport], platform: Platform = .host, from images: ImageStore, to sink: some ByteWriter
    ) throws {
        let stored = try exports.map { export in
            try StoredImage(
                reading: export.target, names: export.names, platform: platform, from: images.content,
                layers: images.layers)
        }
        for blob in stored.flatMap(\.layers) { _ = try images.content.location(of: blob.blob) }
        var archive = ArchiveWriting(sink)
        var written: Set<Digest> = []
        for image in stored {
            for layer in image.layers where written.insert(layer.diffID.digest).inserted {
                try archive.layer(layer, in: images)
            }
            if written.insert(image.id).inserted { try archive.file(image.id.hex + ".json", image.config.bytes) }
        }
        let entries = stored.map { image in
            Entry(
                config: image.id.hex + ".json", repoTags: image.references.map(\.familiar),
                layers: image.layers.map { Self.name(of: $0) })
        }
        try archive.file("manifest.json", try Document(entries, mediaType: StoreRecord.mediaType).bytes)
        try archive.file("repositories", try Document(repositories(stored), mediaType: StoreRecord.mediaType).bytes)
        try archive.finish()
    }

    static func name(of layer: StoredImage.Layer) -> String { layer.diffID.digest.hex + ".tar" }

    /// What docker before 1.10 reads: repository, tag, top layer.
    private static func repositories(_ images: [StoredImage]) -> [String: [String: String]] {
        var repositories: [String: [String: String]] = [:]
        for image in images {
            guard let top = image.layers.last else { continue }
            for name in image.references {
                repositories[name.familiarName, default: [:]][name.tag ?? Reference.defaultTag] = top.diffID.digest.hex
            }
        }
        return repositories
    }
}

extension ArchiveWriting {
    /// The layer's tar, decompressed on the way and checked against its diff id.
    fileprivate mutating func layer(_ layer: StoredImage.Layer, in images: ImageStore) throws {
        let blob = try images.content.location(of: layer.blob)
        try begin(DockerArchive.name(of: layer), size: try Self.tarBytes(layer, in: images))
        var hasher = SHA256Hasher()
        let decompressing = DecompressingReader(try FileByteReader(File(opening: blob)))
        try copy(TappedReader(decompressing) { hasher.update($0) })
        let diffID = DiffID(hasher.finish())
        guard diffID == layer.diffID else {
            throw StorageError(
                .damaged, "the layer \(layer.blob.digest) in the store unpacks to \(diffID), not \(layer.diffID)")
        }
    }

    /// A tar's header says how long what follows is. When we do not know, a pass over the layer finds out.
    private static func tarBytes(_ layer: StoredImage.Layer, in images: ImageStore) throws -> Int64 {
        if let info = layer.info { return info.tarBytes }
        let path = try images.content.location(of: layer.blob)
        let scan: LayerScan
        do {
            scan = try LayerScan(ArchiveFiles.Member(file: path, range: 0..<layer.blob.size), copyingInto: nil)
        } catch  where error is TarError || error is CompressionError {
            throw StorageError(.damaged, "the layer \(layer.blob.digest) in the store cannot be read: \(error)")
        }
        guard scan.diffID == layer.diffID else {
            throw StorageError(
                .damaged, "the layer \(layer.blob.digest) in the store unpacks to \(scan.diffID), not \(layer.diffID)")
        }
        try images.layers.save(
            LayerInfo(
                diffID: scan.diffID, unpackedBytes: scan.unpackedBytes, tarBytes: scan.tarBytes, blobs: [layer.blob]))
        return scan.tarBytes
    }
}
