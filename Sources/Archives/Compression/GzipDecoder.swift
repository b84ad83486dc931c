import CDeflate
import CZlib

/// A gzip member: through libdeflate when it is short enough to lie in the input and the output as a whole, as those of
/// our own layers do, else through zlib. Libdeflate is more than twice as fast, but knows no streams. Both check header,
/// CRC and length.
final class GzipDecoder: StreamDecoder {
    private var stream = z_stream()
    private let whole = libdeflate_alloc_decompressor()
    private var isAtStart = true
    /// Members that were too long for libdeflate, one after the other. After two, no more are tried: such files have
    /// few members, and the attempt costs a block of output.
    private var failures = 0

    init() throws {
        // 15 bits of window, and 16 for a gzip header.
        let result = inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw CompressionError.failed("zlib: \(result)") }
    }

    deinit {
        inflateEnd(&stream)
        if let whole { libdeflate_free_decompressor(whole) }
    }

    func reset() throws {
        inflateReset(&stream)
        isAtStart = true
    }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep {
        if isAtStart, failures < 2, output.count >= CompressionPipeline.blockBytes, let step = decodeWhole(input, into: output) {
            failures = 0
            return step
        }
        isAtStart = false
        stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        let (before, room) = (stream.avail_in, stream.avail_out)
        let result = inflate(&stream, Z_NO_FLUSH)
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
            throw DecoderFailure(detail: stream.msg.map { String(cString: $0) } ?? "zlib error \(result)")
        }
        return DecoderStep(
            consumed: Int(before - stream.avail_in), produced: Int(room - stream.avail_out), isEnd: result == Z_STREAM_END)
    }

    /// nil when the member is longer than that, or damaged: zlib then finds out which.
    private func decodeWhole(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep? {
        guard let whole else { return nil }
        var consumed = 0
        var produced = 0
        let result = libdeflate_gzip_decompress_ex(
            whole, input.baseAddress, input.count, output.baseAddress, output.count, &consumed, &produced)
        guard result == LIBDEFLATE_SUCCESS else {
            failures += 1
            return nil
        }
        return DecoderStep(consumed: consumed, produced: produced, isEnd: true)
    }
}
