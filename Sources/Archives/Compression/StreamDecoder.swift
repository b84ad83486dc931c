/// One format's decompressor: a state that turns input into output step by step.
protocol StreamDecoder: AnyObject {
    /// Ready for another member, frame or stream.
    func reset() throws
    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecoderFailure) -> DecoderStep
}

struct DecoderStep {
    var consumed: Int
    var produced: Int
    /// The member, frame or stream is complete.
    var isEnd: Bool
}

/// What the library said.
struct DecoderFailure: Error {
    var detail: String
}

extension Compression {
    func makeDecoder() throws -> (any StreamDecoder)? {
        switch self {
        case .none: nil
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .bzip2: try Bzip2Decoder()
        case .xz: try XZDecoder()
        }
    }
}
