/// Reads bytes that are in memory.
package struct MemoryReader: ByteReader {
    private let bytes: [UInt8]
    private var position = 0
    /// The most that one read returns: tests make it small to meet every boundary.
    private let step: Int

    package init(_ bytes: [UInt8], step: Int = .max) {
        self.bytes = bytes
        self.step = step
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - position, step)
        bytes.withUnsafeBytes { buffer.copyMemory(from: $0[rebased: position..<position + count]) }
        position += count
        return count
    }
}

/// Keeps in memory what is written to it. A class, so that whoever handed it to a writer can look inside afterwards.
package final class MemoryWriter: ByteWriter {
    package private(set) var bytes: [UInt8] = []
    package init() {}
    package func write(_ more: UnsafeRawBufferPointer) throws { bytes.append(contentsOf: more) }
    package func finish() throws {}
}

/// Drops what is written to it: for those who want only the digests or the size.
package struct NullWriter: ByteWriter {
    package init() {}
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {}
    package mutating func finish() throws {}
}
