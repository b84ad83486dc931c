/// The digest of a layer's uncompressed tar (image-spec config.md, "Layer DiffID").
public struct DiffID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
    public init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }
    public var description: String { digest.description }
}

/// The identity of a stack of layers (image-spec config.md, "Layer ChainID").
public struct ChainID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let digest: Digest
    public init(_ digest: Digest) { self.digest = digest }
    public init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }
    public var description: String { digest.description }

    /// The chain id of `parent` with one more layer on top; with no parent, of that layer alone.
    public init(_ parent: ChainID?, _ layer: DiffID) {
        digest = parent.map { Digest.sha256(of: "\($0) \(layer)") } ?? layer.digest
    }
}
