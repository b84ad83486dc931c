package import SystemPackage

/// Reads an open file from its current position. Does not close it.
package struct FileByteReader: ByteReader {
    private let descriptor: FileDescriptor
    /// Where a regular file ends; nil for a pipe, which cannot be skipped through.
    private let end: Int64?

    package init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
        var end: Int64?
        if let here = try? descriptor.seek(offset: 0, from: .current), let last = try? descriptor.seek(offset: 0, from: .end) {
            // A file of the kernel's own (/proc) says it is empty and is not.
            end = (try? descriptor.seek(offset: here, from: .start)).flatMap { $0 == here && last > here ? last : nil }
        }
        self.end = end
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try descriptor.read(into: buffer)
    }

    package mutating func skip(_ count: Int64) throws -> Int64 {
        guard let end else { return 0 }
        let here = try descriptor.seek(offset: 0, from: .current)
        let step = min(count, end - here)
        guard step > 0 else { return 0 }
        _ = try descriptor.seek(offset: step, from: .current)
        return step
    }
}

/// Writes to an open file in large pieces. Does not close it.
package struct FileByteWriter: ByteWriter {
    private let descriptor: FileDescriptor
    private let buffer = RawMemory(count: 256 << 10)
    private var filled = 0

    package init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        if bytes.count > buffer.count - filled { try flush() }
        guard bytes.count < buffer.count else { return _ = try descriptor.writeAll(bytes) }
        buffer.bytes[rebased: filled..<buffer.count].copyMemory(from: bytes)
        filled += bytes.count
    }

    package mutating func finish() throws { try flush() }

    private mutating func flush() throws {
        if filled > 0 { try descriptor.writeAll(buffer.bytes[..<filled]) }
        filled = 0
    }
}
