import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

/// Archives as docker writes and wrote them.
struct LoadingTests {
    let fixture: ImageFixture
    init() throws { fixture = try ImageFixture() }

    private func load(_ path: FilePath) throws -> [LoadedImage] {
        let lease = try Lease(root: fixture.root)
        defer { withExtendedLifetime(lease) {} }
        return try ImageArchive(opening: path, spoolingInto: fixture.images.content.paths).load(into: fixture.images)
    }

    @Test func layersOfOneImageShareATarThroughSymlinks() throws {
        let layer = try SampleLayer("shared")
        let config = try SampleLayer.config([layer, layer])
        var archive = ArchiveBuilder()
        try archive.file("aaaa/layer.tar", layer.bytes)
        try archive.link("bbbb/layer.tar", to: "../aaaa/layer.tar")
        try archive.file(config.digest.hex + ".json", config.bytes)
        try archive.file(
            "manifest.json",
            #"[{"Config":"\#(config.digest.hex).json","RepoTags":["old:1","also/old:2"],"Layers":["aaaa/layer.tar","bbbb/layer.tar"]}]"#
        )
        let loaded = try load(archive.finish(in: fixture))
        #expect(loaded.map(\.id) == [config.digest])
        #expect(loaded.flatMap(\.names).map(\.familiar) == ["old:1", "also/old:2"])
        let image = try fixture.images.resolve("old:1")
        #expect(image.layers.map(\.diffID) == [layer.diffID, layer.diffID])
        #expect(image.layers.map(\.blob.mediaType) == [.layer, .layer])
        #expect(image.size == 12)
        #expect(image.layers[0].info?.tarBytes == Int64(layer.bytes.count))
    }

    @Test(arguments: [Compression.none, Compression.gzip, Compression.zstd])
    func layersOfAnyCompressionAreStoredAsTheyAre(_ compression: Compression) throws {
        let layer = try SampleLayer(String(repeating: "compressible ", count: 10_000), compression: compression)
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("config.json", config.bytes)
        try archive.file("manifest.json", #"[{"Config":"config.json","RepoTags":null,"Layers":["l"]}]"#)
        try archive.file("l", layer.bytes)
        let loaded = try load(archive.finish(in: fixture))
        #expect(loaded.flatMap(\.names).isEmpty)
        let image = try #require(try fixture.images.list().first)
        #expect(image.isUntagged)
        #expect(image.layers[0].blob.digest == .sha256(of: layer.bytes))
        #expect(image.layers[0].blob.mediaType == layer.written.descriptor.mediaType)
        #expect(image.size == 130_000)
    }

    @Test func severalGzipMembersAreOneLayer() throws {
        let layer = try SampleLayer(String(repeating: "x", count: 3000))
        let config = try SampleLayer.config([layer])
        var members: [UInt8] = []
        for part in [layer.bytes[..<700], layer.bytes[700..<700], layer.bytes[700...]] {
            let sink = MemoryWriter()
            let gzip = try CompressingWriter(to: sink, compression: .gzip, threads: 1)
            try Array(part).withUnsafeBytes { try gzip.write($0) }
            try gzip.finish()
            members += sink.bytes
        }
        var archive = ArchiveBuilder()
        try archive.file("config.json", config.bytes)
        try archive.file("l.tar.gz", members)
        try archive.file("manifest.json", #"[{"Config":"config.json","RepoTags":["m"],"Layers":["l.tar.gz"]}]"#)
        _ = try load(archive.finish(in: fixture))
        #expect(try fixture.images.resolve("m").layers[0].blob.mediaType == .layerGzip)
    }

    @Test(arguments: [Compression.gzip, Compression.zstd])
    func aCompressedArchiveIsDecompressedFirst(_ compression: Compression) throws {
        let layer = try SampleLayer("inside")
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("config.json", config.bytes)
        try archive.file("l", layer.bytes)
        try archive.file("manifest.json", #"[{"Config":"config.json","RepoTags":["packed"],"Layers":["l"]}]"#)
        let sink = MemoryWriter()
        let writer = try CompressingWriter(to: sink, compression: compression, threads: 1)
        try archive.finish().withUnsafeBytes { try writer.write($0) }
        try writer.finish()
        try AtomicFile.write(sink.bytes, to: fixture.path("packed"))
        #expect(try load(fixture.path("packed")).flatMap(\.names).map(\.familiar) == ["packed:latest"])
        #expect(try fixture.storedFiles().allSatisfy { !$0.hasPrefix("tmp/") })
    }

    @Test func whatComesThroughAPipeIsWaitedFor() async throws {
        let layer = try SampleLayer(String(repeating: "piped ", count: 40_000))
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("config.json", config.bytes)
        try archive.file("l", layer.bytes)
        try archive.file("manifest.json", #"[{"Config":"config.json","RepoTags":["piped"],"Layers":["l"]}]"#)
        let source = try archive.finish(in: fixture)
        try fixture.directory.directory.createFifo(at: "pipe", mode: 0o600)
        let pipe = fixture.path("pipe")
        async let loaded = BlockingPool.run { try load(pipe) }
        // In two goes, so that the reader finds nothing there once.
        async let feeder = ShellCommand.run(
            "{ head -c 600 \"$1\"; sleep 0.1; tail -c +601 \"$1\"; } > \"$2\"", [source.string, pipe.string])
        #expect(try await feeder.status == 0)
        #expect(try await loaded.flatMap(\.names).map(\.familiar) == ["piped:latest"])
        #expect(try fixture.storedFiles().allSatisfy { !$0.hasPrefix("tmp/") })
    }

    @Test func whatIsLoadedTwiceIsThereOnce() throws {
        let layer = try SampleLayer("twice", compression: .gzip)
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("config.json", config.bytes)
        try archive.file("l", layer.bytes)
        try archive.file("manifest.json", #"[{"Config":"config.json","RepoTags":["a"],"Layers":["l"]}]"#)
        let path = try archive.finish(in: fixture)
        let first = try load(path)
        let files = try fixture.storedFiles()
        #expect(try load(path) == first)
        #expect(try fixture.storedFiles() == files)
    }

    @Test func namesThatAreNoneAreLeftOutAndSaid() throws {
        let layer = try SampleLayer("x")
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("c", config.bytes)
        try archive.file("l", layer.bytes)
        try archive.file("manifest.json", #"[{"Config":"c","RepoTags":["Bad Name","good:1"],"Layers":["l"]}]"#)
        let path = try archive.finish(in: fixture)
        var notes: [String] = []
        let loaded = try ImageArchive(opening: path, spoolingInto: fixture.images.content.paths)
            .load(into: fixture.images) { notes.append($0) }
        #expect(loaded.flatMap(\.names).map(\.familiar) == ["good:1"])
        #expect(notes.count == 1 && notes[0].contains("\"Bad Name\""))
    }

    @Test func aModernArchiveIsALayoutWithNames() throws {
        let layer = try SampleLayer("modern", compression: .gzip)
        let config = try SampleLayer.config([layer])
        let manifest = try Document(
            Manifest(config: config.descriptor, layers: [layer.written.descriptor]), mediaType: .manifest)
        var line = manifest.descriptor
        // Only a tag: whose, only manifest.json knows.
        line.annotations = ["org.opencontainers.image.ref.name": "1.0"]
        let index = try Document(Index(manifests: [line]), mediaType: .index)
        var archive = ArchiveBuilder()
        for (digest, bytes) in [
            (config.digest, config.bytes), (manifest.digest, manifest.bytes),
            (layer.written.descriptor.digest, layer.bytes),
        ] {
            try archive.file("blobs/sha256/" + digest.hex, bytes)
        }
        try archive.file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        try archive.file("index.json", index.bytes)
        try archive.file(
            "manifest.json",
            #"[{"Config":"blobs/sha256/\#(config.digest.hex)","RepoTags":["app:1.0"],"Layers":["blobs/sha256/\#(layer.written.descriptor.digest.hex)"]}]"#
        )
        #expect(try load(archive.finish(in: fixture)).flatMap(\.names).map(\.familiar) == ["app:1.0"])
        // The manifest is the archive's own, to the byte.
        #expect(try fixture.images.resolve("app:1.0").target.digest == manifest.digest)
    }

    @Test func anIndexForSeveralPlatformsMayLackSome() throws {
        let layer = try SampleLayer("x", compression: .gzip)
        let config = try SampleLayer.config([layer])
        let manifest = try Document(
            Manifest(config: config.descriptor, layers: [layer.written.descriptor]), mediaType: .manifest)
        var own = manifest.descriptor
        own.platform = .host
        let absent = Descriptor(
            mediaType: .manifest, digest: .sha256(of: "absent"), size: 6,
            platform: Platform(os: "linux", architecture: "s390x"))
        let inner = try Document(Index(manifests: [absent, own]), mediaType: .index)
        var line = inner.descriptor
        line.annotations = ["io.containerd.image.name": "docker.io/library/multi:1"]
        var archive = ArchiveBuilder()
        let outer = try Document(Index(manifests: [line]), mediaType: .index)
        for (digest, bytes) in [
            (config.digest, config.bytes), (manifest.digest, manifest.bytes),
            (layer.written.descriptor.digest, layer.bytes), (inner.digest, inner.bytes),
        ] { try archive.file("blobs/sha256/" + digest.hex, bytes) }
        try archive.file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        try archive.file("index.json", outer.bytes)
        let loaded = try load(archive.finish(in: fixture))
        #expect(loaded.map(\.id) == [config.digest])
        #expect(try fixture.images.resolve("multi:1").target.digest == inner.digest)
    }
}
