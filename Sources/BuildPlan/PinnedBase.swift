package import Diagnostics
package import OCI

/// An image a stage starts from or copies from, pinned.
package struct PinnedBase: Sendable {
    package var reference: Reference
    package var manifest: Descriptor
    package var config: ImageConfig
    package var layers: [Descriptor]

    package init(reference: Reference, manifest: Descriptor, config: ImageConfig, layers: [Descriptor]) {
        self.reference = reference
        self.manifest = manifest
        self.config = config
        self.layers = layers
    }

    var operation: BaseOperation {
        BaseOperation(reference: reference, manifest: manifest, layers: layers, diffIDs: config.rootfs.diffIDs)
    }
}

/// An image the plan needs, and where the file asks for it.
package struct ImageNeed: Sendable, Hashable {
    package var reference: Reference
    /// As `--platform` asks; nil: the build's own.
    package var platform: Platform?
    package var range: SourceRange

    /// Where it is, when it is not in the store.
    package var layout: ImageLayoutSource?

    package init(reference: Reference, platform: Platform?, range: SourceRange, layout: ImageLayoutSource? = nil) {
        self.reference = reference
        self.platform = platform
        self.range = range
        self.layout = layout
    }

    package struct Key: Hashable, Sendable {
        package var reference: Reference
        package var platform: Platform?
        package var layout: ImageLayoutSource?
    }
    package var key: Key { Key(reference: reference, platform: platform, layout: layout) }
}
