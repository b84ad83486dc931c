/// How bytes are compressed. We write none, gzip and zstd, and read them all.
package enum Compression: String, Sendable, Hashable, CaseIterable {
    case none
    case gzip
    case zstd
    case bzip2
    case xz

    /// As many first bytes as `detect` wants to see.
    package static let magicLength = 6

    /// What the first bytes of a file say. Anything unknown, a tar archive too, is `.none`.
    package static func detect(_ first: some Collection<UInt8>) -> Compression {
        let bytes = Array(first.prefix(magicLength))
        if bytes.starts(with: [0x1f, 0x8b, 0x08]) { return .gzip }
        if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) { return .zstd }
        // A frame to be skipped, as pzstd and seekable zstd begin with.
        if bytes.count >= 4, bytes[0] & 0xf0 == 0x50, bytes[1...3].elementsEqual([0x2a, 0x4d, 0x18]) { return .zstd }
        if bytes.count >= 4, bytes.starts(with: "BZh".utf8), (0x31...0x39).contains(bytes[3]) { return .bzip2 }
        if bytes.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) { return .xz }
        return .none
    }
}

/// What went wrong with a compressed stream.
package enum CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `offset`: in the compressed bytes, about where it was noticed.
    case damaged(Compression, offset: Int64, detail: String)
    case truncated(Compression, offset: Int64)
    case trailingGarbage(Compression, offset: Int64)
    case tooLarge(limit: Int64)
    case suspiciousRatio(limit: Int64)
    case cannotWrite(Compression)
    case failed(String)

    package var description: String {
        switch self {
        case .damaged(let kind, let offset, let detail): "damaged \(kind) data at byte \(offset): \(detail)"
        case .truncated(let kind, let offset): "the \(kind) data ends too early, at byte \(offset)"
        case .trailingGarbage(let kind, let offset): "something that is not \(kind) follows the \(kind) data at byte \(offset)"
        case .tooLarge(let limit): "more than the limit of \(limit) bytes when decompressed"
        case .suspiciousRatio(let limit): "decompresses to more than \(limit) times its size: refused as a decompression bomb"
        case .cannotWrite(let kind): "compressing with \(kind) is not supported, only gzip and zstd"
        case .failed(let detail): "compression failed: \(detail)"
        }
    }
}

/// How far decompression may go.
package struct DecompressionLimits: Sendable, Hashable {
    /// Bytes that come out.
    package var totalBytes: Int64 = 1 << 40
    /// Bytes out for each byte in; gzip cannot exceed 1032.
    package var ratio: Int64 = 1100
    /// The ratio is not looked at before this many bytes came out: a file of zeros is nothing bad.
    package var ratioFreeBytes: Int64 = 4 << 30

    package init() {}
}
