/// The identity of stored bytes: `sha256:` and 64 lower-case hex digits (image-spec descriptor.md, "Digests").
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// 64 lower-case hex digits.
    public let hex: String

    public init(parsing text: some StringProtocol) throws(DigestError) {
        guard text.hasPrefix("sha256:") else {
            let algorithm = text.prefix { $0 != ":" }
            throw algorithm.count == text.count
                ? .malformed(String(text.prefix(100))) : .unsupportedAlgorithm(String(algorithm.prefix(32)))
        }
        try self.init(hex: text.dropFirst(7))
    }

    public init(hex: some StringProtocol) throws(DigestError) {
        let valid = hex.utf8.count == 64 && hex.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard valid else { throw .malformed(String(hex.prefix(100))) }
        self.hex = String(hex)
    }

    /// The digest of 32 bytes that a hash function returned.
    init(hashed bytes: some Sequence<UInt8>) { self.hex = Self.hexadecimal(bytes) }

    public var description: String { "sha256:" + hex }
    /// The first twelve digits, as docker shortens ids.
    public var short: String { String(hex.prefix(12)) }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity(64)
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] { characters.append(nibble < 10 ? 48 + nibble : 87 + nibble) }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

public enum DigestError: Error, Hashable, Sendable {
    case malformed(String)
    case unsupportedAlgorithm(String)
}

extension Digest: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(parsing: text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a sha256 digest: \(text.prefix(100))")
        }
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
