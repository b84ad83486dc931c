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

    /// Decodes bytes that somebody else wrote and keeps them as they are. Throws `JSONStructureError` for more than 4 MiB,
    /// deep nesting and keys given twice, `DecodingError` for the rest.
    public init(decoding bytes: [UInt8], mediaType: MediaType) throws {
        try JSONStructure.check(bytes)
        let value = try JSONDecoder().decode(Value.self, from: Data(bytes))
        self.init(value, bytes: bytes, mediaType: mediaType)
    }

    private init(_ value: Value, bytes: [UInt8], mediaType: MediaType) {
        self.value = value
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = .sha256(of: bytes)
    }

    /// What a decoding error says, with the path to the value.
    static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let (context, detail): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\"\(key.stringValue)\" is missing")
            case .typeMismatch(_, let context): (context, "a value of another type was expected")
            case .valueNotFound(_, let context): (context, "a value is missing")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (.init(codingPath: [], debugDescription: ""), "it cannot be read")
            }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? detail : "\(path): \(detail)"
    }
}
