#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON value together with the bytes it was read from or written as: a digest is of bytes.
public struct Document<Value: Codable & Sendable>: Sendable {
    public let value: Value
    public let bytes: [UInt8]
    public let mediaType: MediaType
    public let digest: Digest

    public var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count)) }

    /// Encodes `value` canonically: keys sorted, slashes unescaped, no white space.
    public init(_ value: Value, mediaType: MediaType) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        self.init(value, bytes: [UInt8](data), mediaType: mediaType)
    }

    /// Decodes bytes that somebody else wrote and keeps them as they are.
    public init(decoding bytes: [UInt8], mediaType: MediaType) throws {
        let value = try JSONDecoder().decode(Value.self, from: Data(bytes))
        self.init(value, bytes: bytes, mediaType: mediaType)
    }

    private init(_ value: Value, bytes: [UInt8], mediaType: MediaType) {
        self.value = value
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = .sha256(of: bytes)
    }
}
