/// Bytes, one buffer after the other. Synchronous: runs on a blocking pool or a thread of its own.
package protocol ByteReader {
    /// Fills the start of `buffer` and returns how many bytes it wrote; 0 only at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Passes over up to `count` bytes without reading them, when that is cheaper; returns how many, perhaps 0.
    mutating func skip(_ count: Int64) throws -> Int64
}

/// Where bytes go.
package protocol ByteWriter {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Must be called once at the end; nothing is valid without it.
    mutating func finish() throws
}

extension ByteReader {
    package mutating func skip(_ count: Int64) throws -> Int64 { 0 }

    /// Everything that is left, or nil when that is more than `limit` bytes.
    package mutating func readAll(limit: Int) throws -> [UInt8]? {
        var result: [UInt8] = []
        let memory = RawMemory(count: 64 << 10)
        while true {
            let count = try read(into: memory.bytes)
            if count == 0 { return result }
            guard result.count + count <= limit else { return nil }
            result.append(contentsOf: UnsafeRawBufferPointer(memory.bytes)[..<count])
        }
    }
}

extension ByteWriter {
    package mutating func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
}

/// Memory of a fixed size that frees itself. Not zeroed, unless asked for.
final class RawMemory {
    let bytes: UnsafeMutableRawBufferPointer
    init(count: Int, zeroed: Bool = false) {
        bytes = .allocate(byteCount: count, alignment: 64)
        if zeroed { bytes.initializeMemory(as: UInt8.self, repeating: 0) }
    }
    deinit { bytes.deallocate() }
    var count: Int { bytes.count }
}

extension UnsafeRawBufferPointer {
    subscript(rebased range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}

extension UnsafeMutableRawBufferPointer {
    subscript(rebased range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: self[range])
    }
}
