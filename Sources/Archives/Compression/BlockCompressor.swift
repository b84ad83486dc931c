import CDeflate

/// Makes a complete gzip member of each block, by itself: many may run at once, and the bytes do not depend on how many.
/// Time stamp 0, no name.
final class BlockCompressor {
    private let compressor: OpaquePointer

    /// `level`: 1 (fast) to 12 (small).
    init(level: Int) throws {
        guard let compressor = libdeflate_alloc_compressor(Int32(clamping: level)) else {
            throw CompressionError.failed("gzip has no level \(level), or memory is short")
        }
        self.compressor = compressor
    }

    deinit { libdeflate_free_compressor(compressor) }

    /// The most that a block of `count` bytes can become.
    static func bound(_ count: Int) -> Int { libdeflate_gzip_compress_bound(nil, count) }

    func compress(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = libdeflate_gzip_compress(compressor, input.baseAddress, input.count, output.baseAddress, output.count)
        guard count > 0 else { throw CompressionError.failed("gzip: the output does not fit its bound") }
        return count
    }
}
