import Archives
import HostSystem
import OCI
import SystemPackage

@testable import ImageAnalysis

/// A layer written down by hand.
struct SampleLayer {
    enum Item {
        case file(String, String, mode: UInt32 = 0o644, modified: Int64 = 0)
        case directory(String)
        case symlink(String, String)
        case hardLink(String, String)
        case removed(String)
        case emptied(String)
    }

    var source: LayerSource

    init(_ items: [Item], compression: Compression = .gzip) throws {
        let sink = MemoryWriter()
        var writer = try LayerWriter(to: sink, compression: compression, threads: 1)
        for item in items { try Self.write(item, to: &writer) }
        let written = try writer.finish()
        let bytes = sink.bytes
        source = LayerSource(diffID: written.diffID, blob: written.descriptor) { MemoryReader(bytes) }
    }

    private static func write(_ item: Item, to writer: inout LayerWriter) throws {
        func entry(_ path: String, _ kind: TarEntry.Kind, _ mode: UInt32, size: Int = 0, _ modified: Int64 = 0) -> TarEntry {
            TarEntry(path: FilePath(path), kind: kind, mode: mode, size: Int64(size), modified: Timestamp(seconds: modified))
        }
        switch item {
        case .file(let path, let text, let mode, let modified):
            try writer.append(entry(path, .file, mode, size: text.utf8.count, modified))
            try writer.write(Array(text.utf8))
        case .directory(let path): try writer.append(entry(path, .directory, 0o755))
        case .symlink(let path, let target): try writer.append(entry(path, .symlink(FilePath(target)), 0o777))
        case .hardLink(let path, let target): try writer.append(entry(path, .hardLink(FilePath(target)), 0o644))
        case .removed(let path): try writer.append(.removed(FilePath(path)))
        case .emptied(let path): try writer.append(.opaque(FilePath(path)))
        }
    }
}
