import Archives
import HostSystem

/// Writes the bytes of a layer's files. Long runs of zeros become holes.
final class EntryContents {
    private static let size = 256 << 10
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
    deinit { buffer.deallocate() }

    func write(_ size: Int64, from reader: inout LayerReader, to file: File) throws {
        var offset: Int64 = 0
        var end: Int64 = 0
        while offset < size {
            let hole = reader.skipHole()
            offset += hole
            if hole > 0 { continue }
            let filled = try fill(min(size - offset, Int64(buffer.count)), from: &reader)
            if filled == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<filled])
            if filled < Self.size || !bytes.isAllZeros {
                try file.write(bytes, at: offset)
                end = offset + Int64(filled)
            }
            offset += Int64(filled)
        }
        if end < offset { try file.truncate(to: offset) }
    }

    /// Reads until the buffer, the entry or a piece of a sparse entry is full: a file in as few writes as possible.
    private func fill(_ wanted: Int64, from reader: inout LayerReader) throws -> Int {
        var filled = 0
        while filled < Int(wanted) {
            let count = try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<Int(wanted)]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

extension UnsafeRawBufferPointer {
    /// Compares eight bytes at a time.
    var isAllZeros: Bool {
        var offset = 0
        while offset + 8 <= count {
            if loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return false }
            offset += 8
        }
        return self[offset...].allSatisfy { $0 == 0 }
    }
}
