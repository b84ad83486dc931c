import OCI
import Synchronization
import Testing

/// Blobs in a dictionary that notes the order of writing and refuses parents before children.
private final class Blobs: BlobSource, BlobSink {
    struct Missing: Error {}
    private let state: Mutex<(blobs: [Digest: [UInt8]], written: [Digest])>
    init(_ blobs: [Digest: [UInt8]] = [:]) { state = Mutex((blobs, [])) }

    var written: [Digest] { state.withLock { $0.written } }
    func put(_ bytes: [UInt8], _ type: MediaType) -> Descriptor {
        let digest = Digest.sha256(of: bytes)
        state.withLock { $0.blobs[digest] = bytes }
        return Descriptor(mediaType: type, digest: digest, size: Int64(bytes.count))
    }
    func put<T>(_ document: Document<T>) -> Descriptor { put(document.bytes, document.mediaType) }
    func replace(_ digest: Digest, with bytes: [UInt8]?) { state.withLock { $0.blobs[digest] = bytes } }

    func read(_ blob: Descriptor) async throws -> BlobBytes {
        guard let bytes = state.withLock({ $0.blobs[blob.digest] }) else { throw Missing() }
        return blob.size.isMultiple(of: 2)
            ? .memory(bytes)
            : .stream(
                AsyncThrowingStream { continuation in
                    for byte in bytes { continuation.yield([byte]) }
                    continuation.finish()
                })
    }
    func contains(_ blob: Descriptor) async throws -> Bool { state.withLock { $0.blobs[blob.digest] != nil } }
    func write(_ blob: Descriptor, from bytes: BlobBytes) async throws {
        let bytes = try #require(try await bytes.collected(limit: 1 << 20))
        #expect(Digest.sha256(of: bytes) == blob.digest)
        state.withLock {
            $0.blobs[blob.digest] = bytes
            $0.written.append(blob.digest)
        }
    }
}

@Suite struct ImageCopyTests {
    /// An image for two platforms that share a layer.
    private static func image(_ blobs: Blobs) throws -> (index: Descriptor, manifests: [Descriptor], leaves: [Descriptor]) {
        var manifests: [Descriptor] = []
        var leaves: [Descriptor] = []
        let shared = blobs.put(Array("shared".utf8), .layerGzip)
        for architecture in ["amd64", "arm64"] {
            let platform = Platform(os: "linux", architecture: architecture)
            let layer = blobs.put(Array("layer of \(architecture)".utf8), .layerGzip)
            let config = blobs.put(try Document(ImageConfig(platform: platform), mediaType: .config))
            var manifest = blobs.put(try Document(Manifest(config: config, layers: [shared, layer]), mediaType: .manifest))
            manifest.platform = platform
            manifests.append(manifest)
            leaves += [config, shared, layer]
        }
        return (blobs.put(try Document(Index(manifests: manifests), mediaType: .index)), manifests, leaves)
    }

    @Test func copiesChildrenBeforeParents() async throws {
        let source = Blobs()
        let sink = Blobs()
        let image = try Self.image(source)
        try await copyImage(image.index, from: source, to: sink)
        let written = sink.written
        #expect(Set(written).count == written.count)
        #expect(Set(written) == Set((image.leaves + image.manifests + [image.index]).map(\.digest)))
        #expect(written.suffix(3) == image.manifests.map(\.digest) + [image.index.digest])
        try await copyImage(image.index, from: source, to: sink)
        #expect(sink.written.count == written.count)
    }

    @Test func copiesOnePlatform() async throws {
        let source = Blobs()
        let sink = Blobs()
        let image = try Self.image(source)
        var options = ImageCopyOptions()
        options.includes = { $0.platform?.architecture == "arm64" }
        try await copyImage(image.index, from: source, to: sink, options: options)
        #expect(try await !sink.contains(image.manifests[0]))
        #expect(sink.written.count == 5)
    }

    @Test func nothingIsVisibleAboveWhatIsMissing() async throws {
        let source = Blobs()
        let sink = Blobs()
        let image = try Self.image(source)
        source.replace(image.leaves[2].digest, with: nil)
        await #expect(throws: Blobs.Missing.self) { try await copyImage(image.index, from: source, to: sink) }
        for parent in image.manifests + [image.index] { #expect(try await !sink.contains(parent)) }
    }

    @Test func documentsAreVerified() async throws {
        let source = Blobs()
        let image = try Self.image(source)
        let other = Array(repeating: UInt8(32), count: Int(image.manifests[0].size))
        source.replace(image.manifests[0].digest, with: other)
        let wrong = await #expect(throws: ImageError.self) { try await copyImage(image.index, from: source, to: Blobs()) }
        #expect(wrong?.reason == .wrongDigest(found: .sha256(of: other)))
        source.replace(image.manifests[0].digest, with: other + [32])
        let long = await #expect(throws: ImageError.self) { try await copyImage(image.index, from: source, to: Blobs()) }
        #expect(long?.reason == .wrongSize(found: image.manifests[0].size + 1))
    }

    @Test func absurdDocumentsAreRefused() async throws {
        let source = Blobs()
        var huge = source.put([1], .index)
        huge.size = 1 << 40
        let error = await #expect(throws: ImageError.self) { try await copyImage(huge, from: source, to: Blobs()) }
        #expect(error?.reason == .tooLong(limit: 4 << 20))
        var index = try Self.image(source).index
        for _ in 0..<6 { index = source.put(try Document(Index(manifests: [index]), mediaType: .index)) }
        let deep = await #expect(throws: ImageError.self) { try await copyImage(index, from: source, to: Blobs()) }
        #expect(deep?.reason == .nestedTooDeeply)
        let broken = source.put(Array("{}".utf8), .manifest)
        let malformed = await #expect(throws: ImageError.self) { try await copyImage(broken, from: source, to: Blobs()) }
        #expect(malformed?.reason == .malformed(#""schemaVersion" is missing"#))
    }

    @Test func readsFilesAndParts() async throws {
        let path = #filePath
        let whole = try #require(try await BlobBytes.file(path).collected(limit: 1 << 20))
        #expect(whole.starts(with: "import OCI".utf8))
        #expect(try await BlobBytes.file(path).collected(limit: whole.count) == whole)
        #expect(try await BlobBytes.file(path).collected(limit: whole.count - 1) == nil)
        #expect(try await BlobBytes.fileRange(path, 7..<10).collected(limit: 3) == Array("OCI".utf8))
        #expect(try await BlobBytes.fileRange(path, 7..<10).collected(limit: 2) == nil)
    }

    @Test func validation() throws {
        let blobs = Blobs()
        let layer = blobs.put([1], .layerGzip)
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.rootfs.diffIDs = [DiffID(layer.digest)]
        let manifest = Manifest(config: blobs.put([2], .config), layers: [layer])
        #expect(throws: Never.self) { try manifest.validate(with: config) }
        config.rootfs.diffIDs.append(DiffID(layer.digest))
        #expect(throws: ImageError.self) { try manifest.validate(with: config) }
        config.rootfs.diffIDs.removeLast()
        config.rootfs.type = "windows"
        #expect(throws: ImageError.self) { try manifest.validate(with: config) }
        config.rootfs.type = "layers"
        var odd = manifest
        odd.layers[0].mediaType = MediaType(rawValue: "application/json")
        #expect(throws: ImageError.self) { try odd.validate(with: config) }
        odd = manifest
        odd.layers[0].size = .max
        #expect(throws: ImageError.self) { try odd.validate(with: config) }
        #expect(config.chainID?.digest == layer.digest)
    }
}
