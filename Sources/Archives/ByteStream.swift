/// Bytes, one buffer after the other. Synchronous: runs on a blocking pool or a thread of its own.
package protocol ByteReader {
    /// Fills the start of `buffer` and returns how many bytes it wrote; 0 only at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// Where bytes go.
package protocol ByteWriter {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Must be called once at the end; nothing is valid without it.
    mutating func finish() throws
}
