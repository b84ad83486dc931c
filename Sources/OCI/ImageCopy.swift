/// How much of an image to copy.
public struct ImageCopyOptions: Sendable {
    /// Which manifests of an index to copy; the others are left out, and the index is copied as it is.
    public var includes: @Sendable (Descriptor) -> Bool = { _ in true }
    /// Blobs that travel at the same time.
    public var width = 3
    /// Called when a blob has arrived or was there already.
    public var progress: @Sendable (Descriptor, _ wasThere: Bool) -> Void = { _, _ in }
    public init() {}
}

/// Copies everything that `root` (an index, a manifest or a plain blob) names and then `root` itself: children before
/// parents, so that whatever is visible in the sink is complete, at any moment. What the sink has is not copied again.
/// Documents are verified before they are believed; other blobs are verified by the sink.
public func copyImage(
    _ root: Descriptor, from source: some BlobSource, to sink: some BlobSink, options: ImageCopyOptions = ImageCopyOptions()
) async throws {
    var plan = CopyPlan(options: options)
    try await plan.add(root, from: source, depth: 0)
    try await withThrowingTaskGroup(of: Void.self) { group in
        var blobs = plan.blobs.makeIterator()
        for _ in 0..<max(1, options.width) {
            guard let blob = blobs.next() else { break }
            group.addTask { try await copyBlob(blob, from: source, to: sink, options) }
        }
        while try await group.next() != nil {
            try Task.checkCancellation()
            if let blob = blobs.next() { group.addTask { try await copyBlob(blob, from: source, to: sink, options) } }
        }
    }
    for (document, bytes) in plan.documents {
        let wasThere = try await sink.contains(document)
        if !wasThere { try await sink.write(document, from: .memory(bytes)) }
        options.progress(document, wasThere)
    }
}

private func copyBlob(
    _ blob: Descriptor, from source: some BlobSource, to sink: some BlobSink, _ options: ImageCopyOptions
) async throws {
    let wasThere = try await sink.contains(blob)
    if !wasThere { try await sink.write(blob, from: try await source.read(blob)) }
    options.progress(blob, wasThere)
}

/// What has to be copied, each blob once.
private struct CopyPlan {
    let options: ImageCopyOptions
    /// Layers, configs and whatever else has no children.
    private(set) var blobs: [Descriptor] = []
    /// Manifests and indexes, children first.
    private(set) var documents: [(Descriptor, [UInt8])] = []
    private var seen: Set<Digest> = []

    private static let depthLimit = 4
    private static let blobLimit = 20_000

    init(options: ImageCopyOptions) { self.options = options }

    mutating func add(_ descriptor: Descriptor, from source: some BlobSource, depth: Int) async throws {
        guard seen.insert(descriptor.digest).inserted else { return }
        guard depth <= Self.depthLimit else { throw ImageError(descriptor, .nestedTooDeeply) }
        guard seen.count <= Self.blobLimit else { throw ImageError(descriptor, .tooManyBlobs(limit: Self.blobLimit)) }
        if descriptor.mediaType.isIndex {
            let index = try await source.document(descriptor, as: Index.self)
            for child in index.value.manifests where options.includes(child) {
                try await add(child, from: source, depth: depth + 1)
            }
            documents.append((descriptor, index.bytes))
        } else if descriptor.mediaType.isManifest {
            let manifest = try await source.document(descriptor, as: Manifest.self)
            for child in [manifest.value.config] + manifest.value.layers where !child.mediaType.isForeignLayer {
                guard seen.insert(child.digest).inserted else { continue }
                blobs.append(child)
            }
            documents.append((descriptor, manifest.bytes))
        } else if !descriptor.mediaType.isForeignLayer {
            blobs.append(descriptor)
        }
    }
}
