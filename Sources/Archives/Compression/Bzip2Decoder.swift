import CBzip2

/// A bzip2 stream.
final class Bzip2Decoder: StreamDecoder {
    private var stream = bz_stream()

    init() throws { try start() }

    deinit { BZ2_bzDecompressEnd(&stream) }

    private func start() throws {
        stream = bz_stream()
        let result = BZ2_bzDecompressInit(&stream, 0, 0)
        guard result == BZ_OK else { throw CompressionError.failed("bzip2: \(result)") }
    }

    func reset() throws {
        BZ2_bzDecompressEnd(&stream)
        try start()
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep {
        stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.bindMemory(to: CChar.self).baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        let (before, room) = (stream.avail_in, stream.avail_out)
        let result = BZ2_bzDecompress(&stream)
        guard result == BZ_OK || result == BZ_STREAM_END else {
            throw DecoderFailure(detail: result == BZ_MEM_ERROR ? "out of memory" : "a block's check is wrong")
        }
        return DecoderStep(
            consumed: Int(before - stream.avail_in), produced: Int(room - stream.avail_out), isEnd: result == BZ_STREAM_END)
    }
}
