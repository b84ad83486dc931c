package import HostSystem

/// Reads an open file: from its beginning or a part of it when it is a regular file, else (a pipe) what comes.
package struct FileByteReader: ByteReader {
    private let file: File
    private var offset: Int64
    /// Where to stop; nil for what cannot be positioned.
    private let end: Int64?

    package init(_ file: File, range: Range<Int64>? = nil) throws {
        self.file = file
        let metadata = try file.metadata()
        // Regular files that say they are empty may be the kernel's own, and are not.
        let isPositioned = metadata.kind == .file && (metadata.size > 0 || range != nil)
        offset = range?.lowerBound ?? 0
        end = isPositioned ? min(range?.upperBound ?? metadata.size, metadata.size) : nil
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let end else { return try file.read(into: buffer) }
        guard offset < end else { return 0 }
        let wanted = Int(min(Int64(buffer.count), end - offset))
        let count = try file.read(into: buffer[rebased: 0..<wanted], at: offset)
        offset += Int64(count)
        return count
    }

    package mutating func skip(_ count: Int64) throws -> Int64 {
        guard let end, offset < end else { return 0 }
        let step = min(count, end - offset)
        offset += step
        return step
    }
}

/// Writes to an open file in large pieces, at its position. Does not close it.
package struct FileByteWriter: ByteWriter {
    private let file: File
    private let buffer = RawMemory(count: 256 << 10)
    private var filled = 0

    package init(_ file: File) { self.file = file }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.count > buffer.count - filled { try flush() }
        guard bytes.count < buffer.count else { return try file.write(bytes) }
        buffer.bytes[rebased: filled..<buffer.count].copyMemory(from: bytes)
        filled += bytes.count
    }

    package mutating func finish() throws { try flush() }

    private mutating func flush() throws {
        if filled > 0 { try file.write(UnsafeRawBufferPointer(buffer.bytes[rebased: 0..<filled])) }
        filled = 0
    }
}
