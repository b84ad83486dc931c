import HostSystem
import OCI

/// What the threads of a pipeline do to its blocks.
///
/// `@unchecked Sendable`: the pipeline lets at most one thread at a time into `hash`, which alone touches `inputHash`,
/// and at most one into `write`, which alone touches the sink, the encoder, and the output's hash and length; its lock
/// orders one call before the next. `finish` runs when no other call does. `compress` shares only `compressors`, a monitor.
final class PipelineStages: @unchecked Sendable {
    private let options: CompressionPipeline.Options
    private var sink: any ByteWriter
    private var inputHash = SHA256Hasher()
    private var inputBytes: Int64 = 0
    private var outputHash = SHA256Hasher()
    private var outputBytes: Int64 = 0
    private let encoder: ZstdEncoder?
    private let compressors = Monitor<[BlockCompressor]>([])

    init(_ options: CompressionPipeline.Options, sink: any ByteWriter) throws {
        self.options = options
        self.sink = sink
        switch options.compression {
        case .none: encoder = nil
        case .gzip:
            encoder = nil
            let first = try BlockCompressor(level: options.level)
            compressors.with { $0.append(first) }
        case .zstd: encoder = try ZstdEncoder(level: options.level)
        case .bzip2, .xz: throw CompressionError.cannotWrite(options.compression)
        }
    }

    func hash(_ block: PipelineBlock) { inputHash.update(block.bytes) }

    func compress(_ block: PipelineBlock) throws {
        let compressor = try compressors.with { $0.popLast() } ?? BlockCompressor(level: options.level)
        defer { compressors.with { $0.append(compressor) } }
        let output = block.output ?? RawMemory(count: BlockCompressor.bound(CompressionPipeline.blockBytes))
        block.output = output
        block.outputCount = try compressor.compress(block.bytes, into: output.bytes)
    }

    func write(_ block: PipelineBlock) throws {
        inputBytes += Int64(block.count)
        if let encoder {
            try encoder.compress(block.bytes, isLast: block.isLast) { try emit($0) }
        } else if let output = block.output {
            try emit(UnsafeRawBufferPointer(output.bytes[rebased: 0..<block.outputCount]))
        } else {
            try emit(block.bytes)
        }
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws {
        outputHash.update(bytes)
        outputBytes += Int64(bytes.count)
        try sink.write(bytes)
    }

    func finish() throws -> CompressionPipeline.Result {
        try sink.finish()
        let output = outputHash.finish()
        let input = options.compression == .none ? output : inputHash.finish()
        return CompressionPipeline.Result(
            inputDigest: options.hashesInput ? input : nil, inputBytes: inputBytes, outputDigest: output,
            outputBytes: outputBytes)
    }
}
