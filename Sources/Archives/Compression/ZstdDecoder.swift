import CZstd

/// A zstd frame. Windows beyond 128 MiB are refused, as the zstd program does.
final class ZstdDecoder: StreamDecoder {
    private let context: OpaquePointer

    init() throws {
        guard let context = ZSTD_createDCtx() else { throw CompressionError.failed("zstd: out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    func reset() throws { ZSTD_DCtx_reset(context, ZSTD_reset_session_only) }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else { throw DecoderFailure(detail: String(cString: ZSTD_getErrorName(result))) }
        return DecoderStep(consumed: source.pos, produced: target.pos, isEnd: result == 0)
    }
}
