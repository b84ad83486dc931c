import BuildPlan
import BuildSolver
import ContentStorage
import HostSystem
import OCI

/// Puts config and manifest together from what was planned and what came out. Pure: the same inputs give the same
/// bytes, so an unchanged build makes the same image.
struct ImageAssembler {
    let plan: PlannedImage
    let results: [Node.ID: StepResult]
    /// Layers of the nodes that have one.
    let layers: [Node.ID: LayerInfo]
    let annotations: [(name: String, value: String)]
    /// Seconds since 1970; every time in the image is this.
    let epoch: Int64?

    struct Assembled {
        var config: Document<ImageConfig>
        var manifest: Document<Manifest>
    }

    func assemble() throws -> Assembled {
        var config = ImageConfig(platform: plan.platform)
        config.author = plan.author
        config.config = plan.config
        let base = plan.base
        config.rootfs = base?.config.rootfs ?? ImageConfig.RootFS(diffIDs: [])
        var descriptors = base?.layers ?? []
        var history = base?.config.history ?? []
        var time = epoch ?? base?.config.created.flatMap { Timestamp(rfc3339: $0)?.seconds } ?? 0
        for step in plan.steps {
            if epoch == nil, let node = step.node, let record = results[node]?.record { time = record.created }
            let layer = step.node.flatMap { layers[$0] }
            history.append(
                History(
                    created: Timestamp(seconds: time).rfc3339, createdBy: step.createdBy, comment: "jettison",
                    emptyLayer: layer == nil ? true : nil))
            guard let layer, let blob = layer.blobs.first else { continue }
            config.rootfs.diffIDs.append(layer.diffID)
            descriptors.append(blob)
        }
        config.created = Timestamp(seconds: time).rfc3339
        config.history = history
        let document = try Document(config, mediaType: .config)
        let notes = annotations.isEmpty
            ? nil : Dictionary(annotations.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let manifest = Manifest(config: document.descriptor, layers: descriptors.map(Self.plain), annotations: notes)
        return Assembled(config: document, manifest: try Document(manifest, mediaType: .manifest))
    }

    /// A layer's descriptor in our manifest: docker's media types become the OCI ones they equal.
    private static func plain(_ layer: Descriptor) -> Descriptor {
        let type: MediaType =
            switch layer.mediaType {
            case .dockerLayerGzip: .layerGzip
            case .dockerLayer: .layer
            default: layer.mediaType
            }
        return Descriptor(mediaType: type, digest: layer.digest, size: layer.size)
    }
}
