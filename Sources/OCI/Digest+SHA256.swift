import Crypto

/// An incremental SHA-256. The one place where the house meets the crypto library.
public struct SHA256Hasher: Sendable {
    private var state = SHA256()
    public init() {}
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { state.update(bufferPointer: $0) } }
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { state.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
    public consuming func finish() -> Digest { Digest(hashed: state.finalize()) }
}

extension Digest {
    public static func sha256(of bytes: [UInt8]) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        return hasher.finish()
    }
    public static func sha256(of text: String) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(text)
        return hasher.finish()
    }
}
