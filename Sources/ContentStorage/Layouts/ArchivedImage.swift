package import OCI

/// An image in an archive, to be read where it lies.
package struct ArchivedImage: Sendable {
    package struct Layer: Sendable {
        package var diffID: DiffID
        /// As it lies there. The digest of a docker archive's layer is that of the tar, unless its name promises another.
        package var blob: Descriptor
        package var member: ArchiveFiles.Member
    }
    /// As the archive has them: a whole reference, or only a tag.
    package var names: [String]
    package var config: Document<ImageConfig>
    /// Bottom first.
    package var layers: [Layer]
}

extension ImageArchive {
    /// The images of the archive; of an index, that for `platform`.
    package func images(for platform: Platform = .host) throws -> [ArchivedImage] {
        switch form {
        case .layout(let layout, let docker):
            let tags = try docker?.tagsByConfig() ?? [:]
            return try layout.entries.compactMap { entry in
                guard var image = try layout.image(entry.target, platform, depth: 0) else { return nil }
                image.names = entry.names + (tags[image.config.digest] ?? []).filter { !entry.names.contains($0) }
                return image
            }
        case .docker(let archive): return try archive.images.map(archive.image)
        }
    }
}

extension OCILayout {
    /// nil for what is no image: an artifact, an attestation.
    fileprivate func image(_ target: Descriptor, _ platform: Platform, depth: Int) throws -> ArchivedImage? {
        guard depth < 4 else {
            throw StorageError(.badArchive, "the indexes in \(files.path) are nested too deeply")
        }
        let bytes = try bytes(of: target)
        let name = Self.path(target.digest)
        if target.mediaType.isIndex {
            var index = try files.decode(bytes, as: Index.self, name: name)
            index.manifests = try index.manifests.filter {
                try $0.platform?.os != "unknown" && files.member(Self.path($0.digest)) != nil
            }
            guard let chosen = index.manifest(for: platform) ?? index.manifests.first else { return nil }
            return try image(chosen, platform, depth: depth + 1)
        }
        let manifest = try files.decode(bytes, as: Manifest.self, name: name)
        guard manifest.config.mediaType == .config || manifest.config.mediaType == .dockerConfig else { return nil }
        let configName = Self.path(manifest.config.digest)
        let config: Document<ImageConfig>
        do { config = try Document(decoding: try self.bytes(of: manifest.config), mediaType: manifest.config.mediaType) } catch
            let error as StorageError
        { throw error } catch {
            throw StorageError(.badArchive, "\"\(configName)\" in \(files.path) is not an image config: \(error.brief)")
        }
        let diffIDs = config.value.rootfs.diffIDs
        guard diffIDs.count == manifest.layers.count, diffIDs.count <= DockerArchive.layerLimit else {
            throw StorageError(
                .badArchive,
                "an image in \(files.path) has \(manifest.layers.count) layers, but its config names \(diffIDs.count)")
        }
        let layers = try zip(diffIDs, manifest.layers).map {
            ArchivedImage.Layer(diffID: $0, blob: $1, member: try member($1))
        }
        return ArchivedImage(names: [], config: config, layers: layers)
    }
}

extension DockerArchive {
    fileprivate func image(_ entry: Entry) throws -> ArchivedImage {
        let config = try config(of: entry)
        let layers = try zip(config.value.rootfs.diffIDs, entry.layers).map { diffID, path in
            let member = try layer(path)
            let digest = Self.promisedDigest(path) ?? diffID.digest
            return ArchivedImage.Layer(
                diffID: diffID, blob: Descriptor(mediaType: .dockerLayer, digest: digest, size: member.size), member: member)
        }
        return ArchivedImage(names: entry.repoTags ?? [], config: config, layers: layers)
    }
}
