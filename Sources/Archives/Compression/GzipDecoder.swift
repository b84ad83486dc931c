import CZlib

/// A gzip member through zlib, which checks header, CRC and length.
final class GzipDecoder: StreamDecoder {
    private var stream = z_stream()

    init() throws {
        // 15 bits of window, and 16 for a gzip header.
        let result = inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw CompressionError.failed("zlib: \(result)") }
    }

    deinit { inflateEnd(&stream) }

    func reset() throws { inflateReset(&stream) }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep {
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
}
