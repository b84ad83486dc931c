package import OCI

/// What a file's bytes and extended attributes are, as 32 bytes.
package struct ContentIdentity: Hashable, Sendable {
    var words: SIMD4<UInt64>

    init(words: SIMD4<UInt64>) { self.words = words }

    package init(_ digest: Digest) {
        var words = SIMD4<UInt64>()
        for (index, digit) in digest.hex.utf8.enumerated() {
            let value = UInt64(digit <= 57 ? digit - 48 : digit - 87)
            words[index / 16] = words[index / 16] << 4 | value
        }
        self.words = words
    }
}

/// 64-bit FNV-1a over the bytes of a path: finds a file's record; what the record says is then compared.
struct PathHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var value = value
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.value = value
    }
    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
}
