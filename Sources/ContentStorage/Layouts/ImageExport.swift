package import OCI

/// An image that leaves the store, and the names it gets outside.
package struct ImageExport: Sendable, Hashable {
    /// A manifest or an index in the store.
    package var target: Descriptor
    package var names: [Reference]
    package init(target: Descriptor, names: [Reference]) {
        self.target = target
        self.names = names
    }
}

/// Everything that exports are made of, each blob once: documents before what they name.
struct ExportContent {
    private(set) var blobs: [Descriptor] = []
    private var seen: Set<Digest> = []

    init(_ exports: [ImageExport], in store: ContentStore) throws {
        var layers: [Descriptor] = []
        for export in exports { try add(export.target, &layers, in: store, depth: 0) }
        for layer in layers where seen.insert(layer.digest).inserted { blobs.append(layer) }
    }

    private mutating func add(
        _ descriptor: Descriptor, _ layers: inout [Descriptor], in store: ContentStore, depth: Int
    ) throws {
        guard depth < 5, seen.insert(descriptor.digest).inserted else { return }
        _ = try store.location(of: descriptor)
        blobs.append(descriptor)
        if descriptor.mediaType.isIndex {
            // Of an image that was loaded for one platform, the others are not here.
            for child in try store.document(descriptor, as: Index.self).value.manifests where store.holds(child) {
                try add(child, &layers, in: store, depth: depth + 1)
            }
        } else {
            let manifest = try store.document(descriptor, as: Manifest.self).value
            _ = try store.location(of: manifest.config)
            if seen.insert(manifest.config.digest).inserted { blobs.append(manifest.config) }
            for layer in manifest.layers {
                _ = try store.location(of: layer)
                layers.append(layer)
            }
        }
    }
}
