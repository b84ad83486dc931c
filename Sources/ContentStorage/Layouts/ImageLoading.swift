import Archives
import HostSystem
package import OCI
import SystemPackage

/// An image that was brought into the store.
package struct LoadedImage: Sendable, Hashable {
    package var target: Descriptor
    /// Names it now has; empty when the archive gave none.
    package var names: [Reference]
    /// The config's digest; nil when the archive holds an index none of whose images is for Linux.
    package var id: Digest?
}

extension ImageArchive {
    /// Brings every image into the store and sets its names. Everything is verified on the way: blobs against their
    /// digests, layers against the config's diff ids. Holds no lease: the caller does. Blocks.
    package func load(into images: ImageStore, noting: (String) -> Void = { _ in }) throws -> [LoadedImage] {
        switch form {
        case .layout(let layout, let docker):
            let tags = (try? docker?.tagsByConfig()) ?? [:]
            let loading = LayoutLoading(layout: layout, images: images)
            guard !layout.entries.isEmpty else {
                throw StorageError(.badArchive, "\(layout.files.path) holds no image")
            }
            return try layout.entries.map { entry in
                let id = try loading.load(entry.target)
                var names = entry.names.filter(Self.isWhole)
                if names.isEmpty, let id { names = tags[id] ?? [] }
                return try Self.name(entry.target, id: id, names, in: images, noting)
            }
        case .docker(let archive):
            guard !archive.images.isEmpty else {
                throw StorageError(.badArchive, "\(archive.files.path) holds no image")
            }
            return try archive.images.map { entry in
                let (target, id) = try archive.load(entry, into: images)
                return try Self.name(target, id: id, entry.repoTags ?? [], in: images, noting)
            }
        }
    }

    /// `latest` alone is a tag of nobody knows what.
    private static func isWhole(_ name: String) -> Bool { name.contains { $0 == ":" || $0 == "/" } }

    private static func name(
        _ target: Descriptor, id: Digest?, _ texts: [String], in images: ImageStore, _ noting: (String) -> Void
    ) throws -> LoadedImage {
        var names: [Reference] = []
        for text in texts {
            do { names.append(ImageStore.key(try Reference(parsing: text))) } catch {
                noting("the archive names an image \"\(text.prefix(100))\", which is left out: \(error.sentence)")
            }
        }
        if names.isEmpty { try images.keep(target) }
        for name in names { try images.set(name, to: target) }
        return LoadedImage(target: target, names: names, id: id)
    }
}

/// One layer's way into the store.
struct LayerLoading {
    let images: ImageStore
    /// The archive, for messages.
    let source: FilePath

    /// Stores the blob as it is, and checks it against its digest (when one is announced) and the config's diff id.
    func load(_ member: ArchiveFiles.Member, announced: Descriptor?, expecting diffID: DiffID, name: String) throws
        -> Descriptor
    {
        let known = images.layers.info(for: diffID)
        if let announced, known?.blobs.contains(where: { $0.digest == announced.digest }) == true,
            images.content.holds(announced), try images.content.protect(announced.digest)
        {
            return announced
        }
        // Read it anyway when only the archive says that this is that layer; the bytes that are here already stay.
        let here = announced == nil ? images.layers.blob(for: diffID, in: images.content) : nil
        let ingest = try here == nil ? images.content.ingest(expecting: announced) : nil
        let scan: LayerScan
        do { scan = try LayerScan(member, copyingInto: ingest) } catch {
            guard error is TarError || error is CompressionError else { throw error }
            throw StorageError(.badArchive, "the layer \"\(name)\" in \(source) cannot be read: \(error)")
        }
        guard scan.diffID == diffID else {
            throw StorageError(
                .badArchive,
                "the layer \"\(name)\" in \(source) is not the one that the image's config names: its diff id is \(scan.diffID), not \(diffID)"
            )
        }
        var descriptor = announced
        if let here, try images.content.protect(here.digest) {
            descriptor = here
        } else if let ingest {
            let blob = try ingest.commit()
            descriptor = try announced ?? Descriptor(mediaType: scan.mediaType, digest: blob.digest, size: blob.size)
        }
        guard var blob = descriptor else { return try load(member, announced: nil, expecting: diffID, name: name) }
        blob.annotations = nil
        try images.layers.save(
            LayerInfo(diffID: diffID, unpackedBytes: scan.unpackedBytes, tarBytes: scan.tarBytes, blobs: [blob]))
        return descriptor ?? blob
    }
}

extension DockerArchive {
    /// What `manifest.json` calls the image with that config.
    func tagsByConfig() throws -> [Digest: [String]] {
        var tags: [Digest: [String]] = [:]
        for image in images { tags[try config(of: image).digest, default: []] += image.repoTags ?? [] }
        return tags
    }

    /// Makes a manifest for the image: a docker archive has none.
    func load(_ entry: Entry, into images: ImageStore) throws -> (Descriptor, Digest) {
        let config = try config(of: entry)
        let loading = LayerLoading(images: images, source: files.path)
        let layers = try zip(entry.layers, config.value.rootfs.diffIDs).map { path, diffID in
            try loading.load(layer(path), announced: nil, expecting: diffID, name: path)
        }
        let stored = try images.content.store(config)
        let manifest = try Document(Manifest(config: stored, layers: layers), mediaType: .manifest)
        return (try images.content.store(manifest), config.digest)
    }
}

/// Brings what an OCI layout's index leads to into the store, children before parents.
struct LayoutLoading {
    let layout: OCILayout
    let images: ImageStore

    private static let deepest = 4

    /// Returns the image's id: of an index, that of the host's platform.
    func load(_ target: Descriptor) throws -> Digest? {
        try load(target, depth: 0)
        guard !target.mediaType.isIndex else { return try? images.image(target, []).id }
        let manifest = try images.content.document(target, as: Manifest.self).value
        guard manifest.config.mediaType == .config || manifest.config.mediaType == .dockerConfig else {
            throw StorageError(
                .badArchive,
                "\(target.digest) in \(layout.files.path) is not an image, but an artifact (\(manifest.config.mediaType))"
            )
        }
        return manifest.config.digest
    }

    private func load(_ descriptor: Descriptor, depth: Int) throws {
        guard depth < Self.deepest else {
            throw StorageError(
                .badArchive, "the indexes in \(layout.files.path) are nested more than \(Self.deepest) levels deep")
        }
        let bytes = try layout.bytes(of: descriptor)
        let name = OCILayout.path(descriptor.digest)
        if descriptor.mediaType.isIndex {
            let index = try layout.files.decode(bytes, as: Index.self, name: name)
            guard index.manifests.count <= OCILayout.imageLimit else {
                throw StorageError(
                    .badArchive,
                    "the index \(descriptor.digest) lists \(index.manifests.count) images; more than \(OCILayout.imageLimit) are not read"
                )
            }
            // An archive made for one platform keeps the whole index but not the other platforms' blobs.
            let present = try index.manifests.filter { try layout.files.member(OCILayout.path($0.digest)) != nil }
            guard !present.isEmpty else {
                throw StorageError(
                    .badArchive, "\(layout.files.path) has none of the images that the index \(descriptor.digest) lists"
                )
            }
            for child in present { try load(child, depth: depth + 1) }
        } else if descriptor.mediaType.isManifest {
            try loadParts(of: try layout.files.decode(bytes, as: Manifest.self, name: name))
        } else {
            throw StorageError(
                .badArchive,
                "\(layout.files.path) lists \(descriptor.digest) as \(descriptor.mediaType), which is neither an image manifest nor an index"
            )
        }
        _ = try images.content.store(bytes)
    }

    private func loadParts(of manifest: Manifest) throws {
        guard manifest.layers.count <= DockerArchive.layerLimit else {
            throw StorageError(
                .badArchive,
                "an image in \(layout.files.path) has \(manifest.layers.count) layers; more than \(DockerArchive.layerLimit) are not read"
            )
        }
        let configBytes = try layout.bytes(of: manifest.config)
        let config = try? Document<ImageConfig>(decoding: configBytes, mediaType: manifest.config.mediaType).value
        let isImage = manifest.config.mediaType == .config || manifest.config.mediaType == .dockerConfig
        // Attestations have an image's config over layers that are JSON.
        if isImage, manifest.layers.allSatisfy({ $0.mediaType.rawValue.contains(".tar") }) {
            guard let config else {
                throw StorageError(
                    .badArchive, "the config \(manifest.config.digest) in \(layout.files.path) is not an image config")
            }
            guard config.rootfs.diffIDs.count == manifest.layers.count else {
                throw StorageError(
                    .badArchive,
                    "an image in \(layout.files.path) has \(manifest.layers.count) layers, but its config names \(config.rootfs.diffIDs.count)"
                )
            }
            let loading = LayerLoading(images: images, source: layout.files.path)
            for (layer, diffID) in zip(manifest.layers, config.rootfs.diffIDs) {
                _ = try loading.load(
                    layout.member(layer), announced: layer, expecting: diffID, name: OCILayout.path(layer.digest))
            }
        } else {
            for layer in manifest.layers { try images.content.store(layer, from: layout.member(layer).bytes) }
        }
        _ = try images.content.store(configBytes)
    }
}

extension OCILayout {
    /// Brings one image into the store without a name, for a build that stands on it. The caller holds a lease. Blocks.
    package func load(_ entry: Entry, into images: ImageStore) throws -> StoredImage {
        _ = try LayoutLoading(layout: self, images: images).load(entry.target)
        return try images.image(entry.target, [])
    }
}
