package import SystemPackage

extension FilePath {
    /// A path of raw bytes, none of which may be NUL.
    init(bytes: some Collection<UInt8>) {
        self = withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            var end = 0
            for byte in bytes {
                buffer[end] = CChar(bitPattern: byte)
                end += 1
            }
            buffer[end] = 0
            return FilePath(platformString: buffer.baseAddress!)
        }
    }

    /// The bytes of the path without the final NUL.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let count = length
        return try withPlatformString { try body(UnsafeRawBufferPointer(start: $0, count: count)) }
    }
}
