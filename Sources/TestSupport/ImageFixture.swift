package import Archives
package import ContentStorage
package import HostSystem
package import OCI
package import SystemPackage

/// A store in a directory of its own, and images made of nothing but a few small files.
package struct ImageFixture: Sendable {
    package let directory: TemporaryDirectory
    package let images: ImageStore
    package var root: FilePath { directory.path.appending("root") }

    package init() throws {
        directory = try TemporaryDirectory(prefix: "jettison-store-")
        images = ImageStore(root: directory.path.appending("root"))
    }

    /// A file of a layer.
    package struct Member: Sendable {
        package var path: String
        package var content: String
        package init(_ path: String, _ content: String) {
            self.path = path
            self.content = content
        }
    }

    /// Stores a layer, and what is known of it unless `isKnown` is false.
    package func addLayer(
        _ members: [Member], compression: Compression = .gzip, isKnown: Bool = true
    ) throws -> WrittenLayer {
        let ingest = try images.content.ingest()
        var writer = try LayerWriter(to: ingest, compression: compression, threads: 1)
        for member in members {
            let bytes = Array(member.content.utf8)
            try writer.append(TarEntry(path: FilePath(member.path), kind: .file, mode: 0o644, size: Int64(bytes.count)))
            try writer.write(bytes)
        }
        let written = try writer.finish()
        try ingest.commit(expecting: written.descriptor)
        if isKnown {
            try images.layers.save(
                LayerInfo(
                    diffID: written.diffID, unpackedBytes: written.unpackedBytes, tarBytes: written.tarBytes,
                    blobs: [written.descriptor]))
        }
        return written
    }

    /// Stores an image of these layers; with no name it is untagged.
    @discardableResult
    package func add(
        _ names: [String] = [], layers: [WrittenLayer], created: String? = "2024-05-06T07:08:09Z",
        platform: Platform = .host, configure: (inout ImageConfig) -> Void = { _ in }
    ) throws -> Descriptor {
        var config = ImageConfig(platform: platform)
        config.created = created
        config.rootfs.diffIDs = layers.map(\.diffID)
        config.history = layers.indices.map { History(created: created, createdBy: "COPY layer\($0) /") }
        configure(&config)
        let stored = try images.content.store(Document(config, mediaType: .config))
        let manifest = Manifest(config: stored, layers: layers.map(\.descriptor))
        let target = try images.content.store(Document(manifest, mediaType: .manifest))
        if names.isEmpty { try images.keep(target) }
        for name in names { try images.set(Reference(parsing: name), to: target) }
        return target
    }

    /// A one-layer image whose content, and so whose id, follows from `seed`.
    @discardableResult
    package func addSimple(_ names: [String] = [], seed: String, created: String? = "2024-05-06T07:08:09Z") throws
        -> Descriptor
    {
        try add(names, layers: [addLayer([Member("file-" + seed, seed)])], created: created)
    }

    /// Absolute path of something outside the store's root.
    package func path(_ name: String) -> FilePath { directory.path.appending(name) }

    /// Paths of all files below the store's root, locks and leases left out.
    package func storedFiles() throws -> [String] {
        guard let top = try? Directory(opening: root) else { return [] }
        var found: [String] = []
        try TreeWalk.visit(top, sorted: true) { entry in
            let path = entry.path.string
            if entry.metadata.kind == .file, !path.hasSuffix(".lock"), !path.hasPrefix("leases") { found.append(path) }
            return .descend
        }
        return found
    }
}

/// What the host offers to tests.
package enum HostTools {
    /// A program of this name is in one of the usual directories.
    package static func has(_ names: String...) -> Bool {
        names.allSatisfy { name in
            ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"].contains {
                (try? FileMetadata(at: FilePath($0).appending(name))) != nil
            }
        }
    }
}
