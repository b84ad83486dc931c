import Archives
import HostSystem
import SystemPackage

/// A tar archive that serves as a context. Unpacked inside one directory, whatever its paths and links say.
enum ContextArchive {
    /// Whether the file is a tar archive, judged by its beginning (after decompression).
    static func isArchive(_ path: FilePath) throws -> Bool {
        let file = try File(opening: path)
        var reader = try stream(of: file)
        var block = [UInt8](repeating: 0, count: 512)
        var filled = 0
        while filled < block.count {
            let count = try block.withUnsafeMutableBytes {
                try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
            }
            if count == 0 { break }
            filled += count
        }
        withExtendedLifetime(file) {}
        guard filled == block.count else { return false }
        return block.allSatisfy { $0 == 0 } || hasHeaderChecksum(block)
    }

    static func unpack(_ path: FilePath, into directory: Directory) throws {
        let file = try File(opening: path)
        var reader = TarReader(try stream(of: file))
        var unpacker = ArchiveUnpacker(directory: directory)
        do {
            while let entry = try reader.next() { try unpacker.add(entry, from: &reader) }
        } catch let error as TarError {
            throw ContextError(
                .archiveUnusable, "the context on standard input is a damaged tar archive", notes: ["\(error)"])
        }
        try unpacker.finish()
        withExtendedLifetime(file) {}
    }

    private static func stream(of file: File) throws -> FileByteReader {
        FileByteReader(FileDescriptor(rawValue: file.descriptor))
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
