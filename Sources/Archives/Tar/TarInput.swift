/// A byte source with a window that can be looked at: headers are parsed where they lie.
struct TarInput<Source: ByteReader> {
    private(set) var source: Source
    private let window = RawMemory(count: 128 << 10)
    private var start = 0
    private var end = 0
    /// Bytes taken so far.
    private(set) var position: Int64 = 0

    init(_ source: Source) { self.source = source }

    /// The next `count` bytes (at most 64 KiB), valid until the next call; nil at the end; throws when fewer are left.
    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer? {
        if end - start < count {
            window.bytes.copyMemory(from: UnsafeRawBufferPointer(window.bytes[rebased: start..<end]))
            end -= start
            start = 0
            while end < count {
                let got = try source.read(into: window.bytes[rebased: end..<window.count])
                if got == 0 {
                    if end == 0 { return nil }
                    throw TarError(.truncated, at: position)
                }
                end += got
            }
        }
        defer {
            start += count
            position += Int64(count)
        }
        return UnsafeRawBufferPointer(window.bytes[rebased: start..<start + count])
    }

    /// Up to `buffer.count` bytes; throws at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = min(end - start, buffer.count)
        if count > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(window.bytes[rebased: start..<start + count]))
            start += count
        } else {
            count = try source.read(into: buffer)
            guard count > 0 else { throw TarError(.truncated, at: position) }
        }
        position += Int64(count)
        return count
    }

    mutating func skip(_ count: Int64) throws {
        var left = count
        let buffered = min(Int64(end - start), left)
        start += Int(buffered)
        position += buffered
        left -= buffered
        // The last block is read, not jumped over: that is how a truncated file is noticed.
        if left > 512 {
            let jumped = try source.skip(left - 512)
            position += jumped
            left -= jumped
        }
        while left > 0 {
            let got = try source.read(into: window.bytes)
            guard got > 0 else { throw TarError(.truncated, at: position) }
            start = Int(min(Int64(got), left))
            end = got
            position += Int64(start)
            left -= Int64(start)
        }
    }

    /// Reads to the end of the source; returns how many bytes that were.
    mutating func drain() throws -> Int64 {
        var total = Int64(end - start)
        start = 0
        end = 0
        while true {
            let got = try source.read(into: window.bytes)
            if got == 0 { break }
            total += Int64(got)
        }
        position += total
        return total
    }
}
