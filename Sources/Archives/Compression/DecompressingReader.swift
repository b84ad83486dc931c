/// Decompresses what a source yields; finds out the format by itself. Reads any number of members, frames or streams
/// one after the other, and zeros after the last, as gzip does; anything else that follows is an error.
package final class DecompressingReader<Source: ByteReader>: ByteReader {
    private var source: Source
    private let limits: DecompressionLimits
    /// Holds a whole member of our own layers, and then some, so that few of them must be moved to its start.
    private let window = RawMemory(count: 4 << 20)
    private static var memberBytes: Int { BlockCompressor.bound(CompressionPipeline.blockBytes) }
    private var start = 0
    private var end = 0
    private var sourceIsAtEnd = false
    private var decoder: (any StreamDecoder)?
    private enum Position { case beginning, inside, between, atEnd }
    private var position = Position.beginning

    /// Known after the first read.
    package private(set) var compression = Compression.none
    package private(set) var compressedBytes: Int64 = 0
    package private(set) var decompressedBytes: Int64 = 0

    package init(_ source: Source, limits: DecompressionLimits = DecompressionLimits()) {
        self.source = source
        self.limits = limits
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard !buffer.isEmpty else { return 0 }
        if position == .beginning { try begin() }
        guard let decoder else { return try count(readPlain(buffer)) }
        while true {
            switch position {
            case .beginning, .atEnd: return 0
            case .between: try findNext(decoder)
            case .inside:
                let produced = try step(decoder, buffer)
                if produced > 0 { return try count(produced) }
            }
        }
    }

    private func begin() throws {
        try fill(atLeast: Self.memberBytes)
        compression = .detect(window.bytes[start..<end])
        decoder = try compression.makeDecoder()
        position = .inside
    }

    private func readPlain(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if start == end {
            let got = try source.read(into: buffer)
            compressedBytes += Int64(got)
            return got
        }
        let got = min(end - start, buffer.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(window.bytes[rebased: start..<start + got]))
        consume(got)
        return got
    }

    private func step(_ decoder: any StreamDecoder, _ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if start == end { try fill(atLeast: 1) }
        let result: DecoderStep
        do {
            result = try decoder.decode(UnsafeRawBufferPointer(window.bytes[rebased: start..<end]), into: buffer)
        } catch {
            throw CompressionError.damaged(compression, offset: compressedBytes, detail: error.detail)
        }
        let isStuck = result.consumed == 0 && result.produced == 0 && !result.isEnd
        if isStuck {
            // With input left, a decoder that neither eats nor speaks wants more at once.
            let before = end - start
            try fill(atLeast: before + 1)
            guard end - start > before else { throw CompressionError.truncated(compression, offset: compressedBytes) }
        }
        consume(result.consumed)
        if result.isEnd { position = .between }
        return result.produced
    }

    /// After a member: another one, zeros up to the end, or the end.
    private func findNext(_ decoder: any StreamDecoder) throws {
        try fill(atLeast: Compression.magicLength)
        while start < end, window.bytes[start] == 0 {
            let zeros = window.bytes[start..<end].prefix { $0 == 0 }.count
            consume(zeros)
            try fill(atLeast: Compression.magicLength)
        }
        if start == end {
            position = .atEnd
        } else if Compression.detect(window.bytes[start..<end]) == compression {
            try decoder.reset()
            try fill(atLeast: Self.memberBytes)
            position = .inside
        } else {
            throw CompressionError.trailingGarbage(compression, offset: compressedBytes)
        }
    }

    private func consume(_ count: Int) {
        start += count
        compressedBytes += Int64(count)
    }

    /// Makes `count` bytes available in the window, or all that are left.
    private func fill(atLeast count: Int) throws {
        guard end - start < count, !sourceIsAtEnd else { return }
        window.bytes.copyMemory(from: UnsafeRawBufferPointer(window.bytes[rebased: start..<end]))
        end -= start
        start = 0
        while end < min(count, window.count) {
            let got = try source.read(into: window.bytes[rebased: end..<window.count])
            if got == 0 {
                sourceIsAtEnd = true
                return
            }
            end += got
        }
    }

    private func count(_ produced: Int) throws -> Int {
        decompressedBytes += Int64(produced)
        guard decompressedBytes <= limits.totalBytes else { throw CompressionError.tooLarge(limit: limits.totalBytes) }
        if compression != .none, decompressedBytes > limits.ratioFreeBytes,
            decompressedBytes / limits.ratio > compressedBytes
        {
            throw CompressionError.suspiciousRatio(limit: limits.ratio)
        }
        return produced
    }
}
