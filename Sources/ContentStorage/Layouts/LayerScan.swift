import Archives
import HostSystem
import OCI

/// What one pass over a layer's bytes tells.
struct LayerScan {
    var diffID: DiffID
    /// Sum of the sizes of the files in it.
    var unpackedBytes: Int64
    /// Length of the uncompressed tar.
    var tarBytes: Int64
    var compression: Compression

    /// Reads the layer to its end, decompressing it on the way; a copy of its bytes as they are goes into `ingest`.
    init(_ member: ArchiveFiles.Member, copyingInto ingest: Ingest?) throws {
        let file = try File(opening: member.file)
        file.expectSequentialReads()
        let raw = TappedReader(try FileByteReader(file, range: member.range)) { try ingest?.write($0) }
        let decompressing = DecompressingReader(raw)
        var hasher = SHA256Hasher()
        var length: Int64 = 0
        let plain = TappedReader(decompressing) { bytes in
            hasher.update(bytes)
            length += Int64(bytes.count)
        }
        var tar = TarReader(plain)
        var unpacked: Int64 = 0
        while let entry = try tar.next() {
            if entry.kind == .file { unpacked &+= entry.size }
        }
        _ = try tar.drain()
        try raw.drain()
        diffID = DiffID(hasher.finish())
        tarBytes = length
        unpackedBytes = unpacked
        compression = decompressing.compression
    }

    var mediaType: MediaType {
        get throws {
            switch compression {
            case .none: .layer
            case .gzip: .layerGzip
            case .zstd: .layerZstd
            case .bzip2, .xz:
                throw StorageError(.badArchive, "layers compressed with \(compression.rawValue) have no media type")
            }
        }
    }
}

/// Shows every byte that is read to somebody. Never skips.
final class TappedReader<Source: ByteReader>: ByteReader {
    private var source: Source
    private let tap: (UnsafeRawBufferPointer) throws -> Void

    init(_ source: Source, _ tap: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.source = source
        self.tap = tap
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: buffer)
        if count > 0 { try tap(UnsafeRawBufferPointer(rebasing: buffer[0..<count])) }
        return count
    }

    /// Reads what is left.
    func drain() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while try read(into: buffer) > 0 {}
    }
}
