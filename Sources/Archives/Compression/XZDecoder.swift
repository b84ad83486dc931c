import CLzma

/// An xz stream. Refuses what needs more than 256 MiB to decompress (xz -9 needs 65).
final class XZDecoder: StreamDecoder {
    private var stream = lzma_stream()

    init() throws { try start() }

    deinit { lzma_end(&stream) }

    private func start() throws {
        let result = lzma_stream_decoder(&stream, 256 << 20, 0)
        guard result == LZMA_OK else { throw CompressionError.failed("xz: \(result.rawValue)") }
    }

    func reset() throws { try start() }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep {
        stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.avail_in = input.count
        stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = output.count
        let result = lzma_code(&stream, LZMA_RUN)
        guard result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR else {
            throw DecoderFailure(detail: Self.sentence(result))
        }
        return DecoderStep(
            consumed: input.count - stream.avail_in, produced: output.count - stream.avail_out,
            isEnd: result == LZMA_STREAM_END)
    }

    private static func sentence(_ result: lzma_ret) -> String {
        switch result {
        case LZMA_MEMLIMIT_ERROR: "needs more than 256 MiB of memory"
        case LZMA_MEM_ERROR: "out of memory"
        case LZMA_OPTIONS_ERROR: "uses options that are not supported"
        case LZMA_DATA_ERROR: "a block's check is wrong"
        default: "xz error \(result.rawValue)"
        }
    }
}
