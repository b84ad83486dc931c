extension Manifest {
    /// Checks what must hold between a manifest and its config before anything is made of them. Throws `ImageError`.
    public func validate(with config: ImageConfig) throws {
        func fail(_ detail: String) -> ImageError { ImageError(self.config, .invalid(detail)) }
        guard config.rootfs.type == "layers" else { throw fail("its rootfs is of type \"\(config.rootfs.type)\", not layers") }
        guard config.rootfs.diffIDs.count == layers.count else {
            throw fail("it lists \(config.rootfs.diffIDs.count) layers where the manifest lists \(layers.count)")
        }
        guard !config.os.isEmpty, !config.architecture.isEmpty else { throw fail("it does not say for which platform it is") }
        for layer in layers where !layer.mediaType.isLayer {
            throw ImageError(layer, .invalid("it is of type \(layer.mediaType), which is no layer we can unpack"))
        }
        try validateSizes()
    }

    private func validateSizes() throws {
        var total: Int64 = 0
        for layer in [config] + layers {
            guard (0...Descriptor.sizeLimit).contains(layer.size), total <= Descriptor.sizeLimit - layer.size else {
                throw ImageError(layer, .invalid("the image would be larger than \(Descriptor.sizeLimit) bytes"))
            }
            total += layer.size
        }
    }
}

extension ImageConfig {
    /// Whether the history says what each layer is: as many lines that made one as there are layers. Images in use
    /// break it, so it decides only what can be shown.
    public var historyMatchesLayers: Bool {
        (history ?? []).filter { $0.emptyLayer != true }.count == rootfs.diffIDs.count
    }

    /// The identity of the whole stack of layers; nil without layers.
    public var chainID: ChainID? { chainIDs.last }

    /// The identities of the stack up to each layer.
    public var chainIDs: [ChainID] {
        var result: [ChainID] = []
        for diffID in rootfs.diffIDs { result.append(ChainID(result.last, diffID)) }
        return result
    }
}
