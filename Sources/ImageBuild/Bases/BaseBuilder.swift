import Archives
import ContentStorage
import HostSystem
import OCI
package import SystemPackage

/// Makes base images from Debian's packages and puts them into the store. Any number may be made at once on one root.
///
///     host's apt sources ─▶ mmdebstrap ─ tar ─▶ InstalledRoot  ─▶ RootWriter ─▶ layer   (minbase)
///                       └─▶ apt-get    ─ debs ▶ PackagedRoot   ─▶ RootWriter ─▶ layer   (distroless, busybox)
package struct BaseBuilder: Sendable {
    let root: FilePath
    let content: ContentStore
    let images: ImageStore
    let layers: LayerIndex
    let environment: BaseEnvironment

    package init(root: FilePath, environment: BaseEnvironment) {
        self.root = root
        self.environment = environment
        content = ContentStore(root: root)
        images = ImageStore(root: root)
        layers = LayerIndex(root: root)
    }

    /// Makes the image and gives it its name. Cancelling stops the programs it started.
    package func create(
        _ request: BaseRequest, progress: @escaping @Sendable (BaseProgress) -> Void
    ) async throws -> BaseReport {
        try request.validate()
        let making = try await BaseMaking(request, builder: self, progress: progress)
        defer { making.work.remove() }
        let made = request.variant == .minbase ? try await making.install() : try await making.assemble()
        try Task.checkCancellation()
        return try await BlockingPool.run { try keep(made, request, suite: making.suite) }
    }

    /// Makes the layer visible, and then the image that has it.
    private func keep(_ made: MadeRoot, _ request: BaseRequest, suite: String) throws -> BaseReport {
        let layer = made.layer.written
        try made.layer.ingest.commit(expecting: layer.descriptor)
        try layers.save(
            LayerInfo(
                diffID: layer.diffID, unpackedBytes: layer.unpackedBytes, tarBytes: layer.tarBytes, blobs: [layer.descriptor]))
        let documents = try BaseImage(
            request: request, suite: suite, layer: layer, created: made.newest, release: made.release,
            debianVersion: made.debianVersion, hasCertificateBundle: made.hasCertificateBundle
        ).documents()
        try content.store(documents.config)
        let manifest = try content.store(documents.manifest)
        try images.set(request.reference, to: manifest)
        return BaseReport(
            imageID: documents.config.digest, manifest: manifest, reference: request.reference,
            packages: made.packages.sorted(by: InstalledPackage.isLarger), unpackedBytes: layer.unpackedBytes,
            compressedBytes: layer.descriptor.size, sourceDateEpoch: made.newest, notes: made.notes)
    }
}

/// A layer that is written but not in the store yet.
struct UncommittedLayer: Sendable {
    var written: WrittenLayer
    var ingest: Ingest
}

/// A root that was made, and what is worth knowing of it.
struct MadeRoot: Sendable {
    var layer: UncommittedLayer
    var newest: Int64
    var packages: [InstalledPackage]
    var release: OSRelease
    var debianVersion: String
    var hasCertificateBundle: Bool
    var notes: [String]
}

extension LayerWriter: EntrySink {}
