import HostSystem
package import OCI

/// Compresses what is written to it, on several threads. The same bytes come out for any number of threads.
package final class CompressingWriter: ByteWriter {
    private let pipeline: CompressionPipeline
    private var block: PipelineBlock?
    private(set) var result: CompressionPipeline.Result?

    /// `level`: nil for the compression's default.
    package convenience init(
        to sink: some ByteWriter, compression: Compression, level: Int? = nil, threads: Int = HostIdentity.processors
    ) throws {
        let level = level ?? compression.defaultLevel
        try self.init(
            to: sink, .init(compression: compression, level: level, threads: threads, hashesInput: false))
    }

    init(to sink: some ByteWriter, _ options: CompressionPipeline.Options) throws {
        pipeline = try CompressionPipeline(options, sink: sink)
    }

    deinit { pipeline.close() }

    /// Of what was written to the sink; nil before `finish`.
    package var digest: Digest? { result?.outputDigest }
    /// Bytes written to the sink; nil before `finish`.
    package var compressedBytes: Int64? { result?.outputBytes }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        var start = 0
        while start < bytes.count {
            let block = try roomyBlock()
            let count = min(bytes.count - start, block.input.count - block.count)
            block.input.bytes[rebased: block.count..<block.input.count].copyMemory(from: bytes[rebased: start..<start + count])
            block.count += count
            start += count
        }
    }

    /// A full block is handed on only when more comes, so that the last one is known to be the last.
    private func roomyBlock() throws -> PipelineBlock {
        if let block {
            if block.count < block.input.count { return block }
            self.block = nil
            pipeline.submit(block)
        }
        return try startBlock()
    }

    private func startBlock() throws -> PipelineBlock {
        let fresh = try pipeline.takeBlock()
        fresh.count = 0
        fresh.isLast = false
        block = fresh
        return fresh
    }

    package func finish() throws {
        guard result == nil else { return }
        let last = try block ?? startBlock()
        last.isLast = true
        block = nil
        pipeline.submit(last)
        result = try pipeline.finish()
    }
}

extension Compression {
    /// Gzip 5 is as small as the gzip program's 6, at more than twice its speed (figures: Archives.docc).
    package var defaultLevel: Int { self == .zstd ? 3 : 5 }
}
