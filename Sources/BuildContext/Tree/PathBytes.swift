import SystemPackage

extension FilePath {
    /// From raw bytes without a zero.
    init(raw bytes: UnsafeRawBufferPointer) {
        self = withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
            for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
            buffer[bytes.count] = 0
            return buffer.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
        }
    }

    var rawBytes: [UInt8] { withRawBytes { Array($0) } }

    func withRawBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
        try withPlatformString { text in
            var length = 0
            while text[length] != 0 { length += 1 }
            return try text.withMemoryRebound(to: UInt8.self, capacity: length) {
                try body(UnsafeBufferPointer(start: $0, count: length))
            }
        }
    }
}

extension FilePath.Component {
    func withRawBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) throws -> T) rethrows -> T {
        try FilePath(root: nil, [self]).withRawBytes(body)
    }
    var rawBytes: [UInt8] { withRawBytes { Array($0) } }
}

extension UnsafeRawBufferPointer {
    /// The same bytes, typed.
    var bytes: UnsafeBufferPointer<UInt8> { bindMemory(to: UInt8.self) }
}
