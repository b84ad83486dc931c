import Archives
import HostSystem
import SystemPackage

/// A tar archive that serves as a context. Unpacked inside one directory, whatever its paths and links say.
struct ContextArchive {
    let path: FilePath
    /// Where it came from, for messages: `standard input`.
    let origin: String

    /// Whether the file is a tar archive, judged by its beginning (after decompression).
    func isArchive() throws -> Bool {
        try explained {
            let reader = DecompressingReader(try FileByteReader(try File(opening: path)))
            var block = [UInt8](repeating: 0, count: 512)
            var filled = 0
            while filled < block.count {
                let count = try block.withUnsafeMutableBytes {
                    try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
                }
                if count == 0 { break }
                filled += count
            }
            if filled == block.count, block.allSatisfy({ $0 == 0 }) || Self.hasHeaderChecksum(block) { return true }
            // Compressed text is no Dockerfile.
            guard reader.compression == .none else {
                throw TarError(.badChecksum, at: 0)
            }
            return false
        }
    }

    func unpack(into directory: Directory) throws {
        try explained {
            var reader = TarReader(DecompressingReader(try FileByteReader(try File(opening: path))))
            var unpacker = ArchiveUnpacker(directory: directory)
            while let entry = try reader.next() { try unpacker.add(entry, from: &reader) }
            try unpacker.finish()
        }
    }

    private func explained<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as TarError {
            throw ContextError(
                .archiveUnusable, "the context on \(origin) is not a usable tar archive", notes: ["\(error)"])
        } catch let error as CompressionError {
            throw ContextError(
                .archiveUnusable, "the context on \(origin) cannot be decompressed", notes: ["\(error)"])
        }
    }

    /// POSIX ustar: the bytes of a header, its checksum taken as spaces, add up to the octal number in it.
    private static func hasHeaderChecksum(_ block: [UInt8]) -> Bool {
        let space = UInt8(ascii: " ")
        let digits = block[148..<156].drop { $0 == space }.prefix { (48...55).contains($0) }
        guard !digits.isEmpty else { return false }
        let stated = digits.reduce(0) { $0 * 8 + Int($1 - 48) }
        let sum = block.indices.reduce(0) { $0 + Int((148..<156).contains($1) ? space : block[$1]) }
        return stated == sum
    }
}
