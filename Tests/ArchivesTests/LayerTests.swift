import Archives
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

private func writeLayer(
    _ samples: [Sample], _ compression: Compression, threads: Int = 2
) throws -> (blob: [UInt8], layer: WrittenLayer) {
    let sink = MemoryWriter()
    var writer = try LayerWriter(to: sink, compression: compression, threads: threads)
    for sample in samples {
        try writer.append(sample.entry)
        try writer.write(sample.bytes)
    }
    let layer = try writer.finish()
    return (sink.bytes, layer)
}

private func readLayer(_ blob: [UInt8]) throws -> (entries: [LayerEntry], contents: [[UInt8]], reading: LayerReading) {
    var reader = LayerReader(MemoryReader(blob))
    var entries: [LayerEntry] = []
    var contents: [[UInt8]] = []
    while let entry = try reader.next() {
        entries.append(entry)
        var bytes: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 60_000, alignment: 1) { buffer in
            while case let count = try reader.read(into: buffer), count > 0 { bytes.append(contentsOf: UnsafeRawBufferPointer(buffer)[..<count]) }
        }
        contents.append(bytes)
    }
    return (entries, contents, try reader.finish())
}

private func file(_ path: FilePath, _ bytes: [UInt8] = []) -> Sample {
    Sample(entry: TarEntry(path: path, kind: .file, mode: 0o644, size: Int64(bytes.count)), bytes: bytes)
}

@Suite struct LayerTests {
    @Test(arguments: [Compression.none, .gzip, .zstd], [0, 3, 40]) func whatIsWrittenIsRead(kind: Compression, files: Int) throws {
        let samples = (0..<files).map { file(FilePath("dir/file\($0)"), prose($0 * 5000, seed: UInt64($0))) }
        let (blob, layer) = try writeLayer(samples, kind)
        #expect(layer.descriptor.digest == .sha256(of: blob))
        #expect(layer.descriptor.size == Int64(blob.count))
        #expect(layer.descriptor.mediaType == [.none: MediaType.layer, .gzip: .layerGzip, .zstd: .layerZstd][kind])
        let tar = try decompress(blob)
        #expect(layer.diffID.digest == .sha256(of: tar))
        #expect(layer.tarBytes == Int64(tar.count))
        #expect(layer.unpackedBytes == samples.reduce(0) { $0 + $1.entry.size })
        let back = try readLayer(blob)
        #expect(back.entries == samples.map { .entry($0.entry) })
        #expect(back.contents == samples.map(\.bytes))
        #expect(
            back.reading
                == LayerReading(
                    diffID: layer.diffID, compression: kind, tarBytes: layer.tarBytes, unpackedBytes: layer.unpackedBytes,
                    entries: layer.entries))
    }

    @Test(arguments: [Compression.gzip, .zstd]) func bytesDoNotDependOnThreads(kind: Compression) throws {
        let samples = (0..<30).map { file(FilePath("f\($0)"), prose($0 * 20_000, seed: UInt64($0))) }
        let one = try writeLayer(samples, kind, threads: 1)
        for threads in [2, 3, 8] {
            let other = try writeLayer(samples, kind, threads: threads)
            #expect(other.blob == one.blob)
            #expect(other.layer == one.layer)
        }
    }

    @Test func whiteoutsAreRecognised() throws {
        let sink = MemoryWriter()
        var writer = try LayerWriter(to: sink)
        try writer.append(TarEntry(path: "./a/", kind: .directory, mode: 0o755))
        try writer.append(Whiteout.removed("a/gone"))
        try writer.append(Whiteout.opaque("a/b"))
        try writer.append(Whiteout.removed(path([0x61, 0x2f, 0xff])))
        try writer.append(TarEntry(path: "/etc/../etc/x", kind: .hardLink("./a/y"), mode: 0o644))
        try writer.append(TarEntry(path: ".", kind: .directory, mode: 0o755))
        try writer.append(TarEntry(path: "a/.wh..wh.plnk", kind: .directory, mode: 0o755))
        try writer.append(TarEntry(path: ".wh..wh..opq", kind: .file, mode: 0o644))
        try writer.append(TarEntry(path: "a/.whatever", kind: .file, mode: 0o644))
        _ = try writer.finish()
        let entries = try readLayer(sink.bytes).entries
        #expect(
            entries == [
                .entry(TarEntry(path: "a", kind: .directory, mode: 0o755)), .whiteout(of: "a/gone"), .opaque(directory: "a/b"),
                .whiteout(of: path([0x61, 0x2f, 0xff])), .entry(TarEntry(path: "etc/x", kind: .hardLink("a/y"), mode: 0o644)),
                .entry(TarEntry(path: ".", kind: .directory, mode: 0o755)), .opaque(directory: "."),
                .entry(TarEntry(path: "a/.whatever", kind: .file, mode: 0o644)),
            ])
    }

    @Test(arguments: ["..", "../x", "a/../../x", "/../../x", ".wh.", "a/.wh..", "a/.wh..."] as [FilePath])
    func hostilePathsAreRefused(path: FilePath) throws {
        let archive = try write([file(path)])
        var reader = LayerReader(MemoryReader(archive))
        let isAbsoluteClimb = path == "/../../x"
        if isAbsoluteClimb {
            #expect(try reader.next() == .entry(file("x").entry))
        } else {
            #expect(throws: LayerPathError.self) { try reader.next() }
        }
    }

    @Test func hardLinksCannotLeaveTheRoot() throws {
        var reader = LayerReader(MemoryReader(try write([Sample(entry: TarEntry(path: "a", kind: .hardLink("../b"), mode: 0))])))
        #expect(throws: LayerPathError.self) { try reader.next() }
    }

    /// What follows the end of the tar belongs to the DiffID.
    @Test func trailingBytesAreHashed() throws {
        let archive = try write([file("a", [1])]) + [UInt8](repeating: 0, count: 9000)
        #expect(try readLayer(archive).reading.diffID.digest == .sha256(of: archive))
    }

    @Test func aReaderCanBeAbandoned() throws {
        let (blob, _) = try writeLayer([file("a", prose(20 << 20))], .gzip)
        for _ in 0..<20 {
            var reader = LayerReader(MemoryReader(blob))
            #expect(try reader.next() != nil)
        }
        let bytes = prose(4 << 20)
        for _ in 0..<20 {
            var writer = try LayerWriter(to: NullWriter(), threads: 3)
            try writer.append(TarEntry(path: "a", kind: .file, mode: 0, size: 20 << 20))
            try writer.write(bytes)
        }
    }

    @Test func damageIsReported() throws {
        let (blob, _) = try writeLayer([file("a", prose(9 << 20))], .gzip)
        #expect(throws: CompressionError.self) { try readLayer(Array(blob.prefix(blob.count / 2))) }
        var bad = blob
        bad[blob.count * 2 / 3] ^= 4
        #expect(throws: CompressionError.self) { try readLayer(bad) }
        #expect(throws: TarError.self) { try readLayer(try compress(prose(100_000), .gzip)) }
    }

    struct WhiteoutCase: Sendable {
        var path: FilePath
        var whiteout: Whiteout?
    }
    static let whiteouts: [WhiteoutCase] = [
        WhiteoutCase(path: "a/.wh.b", whiteout: .removed("a/b")), WhiteoutCase(path: ".wh.b", whiteout: .removed("b")),
        WhiteoutCase(path: "a/.wh..wh..opq", whiteout: .opaque("a")), WhiteoutCase(path: ".wh..wh..opq", whiteout: .opaque("")),
        WhiteoutCase(path: "a/.wh..hidden", whiteout: .removed("a/.hidden")), WhiteoutCase(path: "a/.wh", whiteout: nil),
        WhiteoutCase(path: "a/.wh.b/c", whiteout: nil), WhiteoutCase(path: "a/x.wh.b", whiteout: nil),
        WhiteoutCase(path: ".wh.", whiteout: nil), WhiteoutCase(path: "a/.wh...", whiteout: nil),
    ]

    @Test(arguments: whiteouts) func whiteoutNames(row: WhiteoutCase) {
        #expect(Whiteout(path: row.path) == row.whiteout)
        if let whiteout = row.whiteout { #expect(whiteout.path == row.path) }
    }
}
