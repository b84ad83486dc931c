import Archives
import HostSystem
import OCI
import SystemPackage
import TestSupport

/// Makes tar archives by hand, the wrong ones too.
struct ArchiveBuilder {
    private let sink = MemoryWriter()
    private var tar: TarWriter<MemoryWriter>

    init() { tar = TarWriter(sink) }

    mutating func file(_ path: String, _ bytes: [UInt8]) throws {
        try tar.append(TarEntry(path: FilePath(path), kind: .file, mode: 0o644, size: Int64(bytes.count)))
        try tar.write(bytes)
    }
    mutating func file(_ path: String, _ text: String) throws { try file(path, Array(text.utf8)) }
    mutating func link(_ path: String, to target: String, isSymbolic: Bool = true) throws {
        let kind: TarEntry.Kind = isSymbolic ? .symlink(FilePath(target)) : .hardLink(FilePath(target))
        try tar.append(TarEntry(path: FilePath(path), kind: kind, mode: 0o777))
    }
    mutating func finish() throws -> [UInt8] {
        try tar.finish()
        return sink.bytes
    }

    /// Ends the archive and writes it below the fixture's directory.
    mutating func finish(in fixture: ImageFixture, _ name: String = "archive.tar") throws -> FilePath {
        try AtomicFile.write(finish(), to: fixture.path(name))
        return fixture.path(name)
    }
}

/// A layer's bytes, and what they unpack to.
struct SampleLayer {
    var bytes: [UInt8]
    var written: WrittenLayer
    var diffID: DiffID { written.diffID }

    init(_ content: String, compression: Compression = .none) throws {
        let sink = MemoryWriter()
        var writer = try LayerWriter(to: sink, compression: compression, threads: 1)
        try writer.append(TarEntry(path: "file", kind: .file, mode: 0o644, size: Int64(content.utf8.count)))
        try writer.write(Array(content.utf8))
        written = try writer.finish()
        bytes = sink.bytes
    }

    static func config(_ layers: [SampleLayer]) throws -> Document<ImageConfig> {
        var config = ImageConfig(platform: .host)
        config.rootfs.diffIDs = layers.map(\.diffID)
        return try Document(config, mediaType: .config)
    }
}
