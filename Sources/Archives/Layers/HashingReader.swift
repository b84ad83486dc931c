import OCI

/// Hashes the decompressed bytes that pass through it.
final class HashingReader: ByteReader {
    private var readNext: (UnsafeMutableRawBufferPointer) throws -> Int
    private let detected: () -> Compression
    private var hasher = SHA256Hasher()
    private(set) var bytes: Int64 = 0

    init<Source>(_ source: DecompressingReader<Source>) {
        readNext = { try source.read(into: $0) }
        detected = { source.compression }
    }

    var compression: Compression { detected() }

    /// Of what was read so far.
    var digest: Digest { hasher.finish() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try readNext(buffer)
        hasher.update(UnsafeRawBufferPointer(buffer[rebased: 0..<count]))
        bytes += Int64(count)
        return count
    }
}
