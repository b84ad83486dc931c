import HostSystem
import OCI
import SystemPackage

/// Writes a layer in one pass: tar, hashed for its DiffID, compressed, hashed for its digest, written.
/// Copies are the same writer. Without `finish` there is no layer, and nothing to ask for its digest.
package struct LayerWriter {
    private let state: State

    /// `level`: nil for the compression's default.
    package init(
        to sink: some ByteWriter, compression: Compression = .gzip, level: Int? = nil,
        threads: Int = HostIdentity.processors
    ) throws {
        let level = level ?? compression.defaultLevel
        let output = try CompressingWriter(
            to: sink, .init(compression: compression, level: level, threads: threads, hashesInput: true))
        state = State(TarWriter(output), mediaType: try Self.mediaType(compression))
    }

    /// Begins an entry; exactly `entry.size` bytes must follow through `write` when it is a file. Parts of a second are
    /// dropped from its time.
    package mutating func append(_ entry: TarEntry) throws {
        try state.tar.append(entry)
        state.entries += 1
        if entry.kind == .file { state.unpackedBytes += entry.size }
    }

    package mutating func append(_ whiteout: Whiteout) throws {
        try append(TarEntry(path: whiteout.path, kind: .file, mode: 0o600))
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws { try state.tar.write(bytes) }
    package mutating func write(_ bytes: [UInt8]) throws { try state.tar.write(bytes) }

    /// Ends the layer, and the sink.
    package mutating func finish() throws -> WrittenLayer {
        try state.tar.finish()
        guard let result = state.tar.sink.result, let diffID = result.inputDigest else {
            throw CompressionError.failed("the layer was not written to its end")
        }
        return WrittenLayer(
            diffID: DiffID(diffID),
            descriptor: Descriptor(mediaType: state.mediaType, digest: result.outputDigest, size: result.outputBytes),
            tarBytes: result.inputBytes, unpackedBytes: state.unpackedBytes, entries: state.entries)
    }

    private static func mediaType(_ compression: Compression) throws -> MediaType {
        switch compression {
        case .none: .layer
        case .gzip: .layerGzip
        case .zstd: .layerZstd
        case .bzip2, .xz: throw CompressionError.cannotWrite(compression)
        }
    }

    private final class State {
        var tar: TarWriter<CompressingWriter>
        let mediaType: MediaType
        var entries = 0
        var unpackedBytes: Int64 = 0

        init(_ tar: TarWriter<CompressingWriter>, mediaType: MediaType) {
            self.tar = tar
            self.mediaType = mediaType
        }
    }
}
