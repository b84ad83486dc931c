/// An image manifest: a config and its layers (image-spec manifest.md).
public struct Manifest: Hashable, Sendable, Codable {
    public var schemaVersion = 2
    public var mediaType: MediaType?
    public var artifactType: String?
    public var config: Descriptor
    public var layers: [Descriptor]
    public var subject: Descriptor?
    public var annotations: [String: String]?

    enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, artifactType, config, layers, subject, annotations }

    public init(mediaType: MediaType = .manifest, config: Descriptor, layers: [Descriptor], annotations: [String: String]? = nil) {
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }
}

/// A list of manifests, usually one a platform (image-spec image-index.md).
public struct Index: Hashable, Sendable, Codable {
    public var schemaVersion = 2
    public var mediaType: MediaType?
    public var artifactType: String?
    public var manifests: [Descriptor]
    public var subject: Descriptor?
    public var annotations: [String: String]?

    enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, artifactType, manifests, subject, annotations }

    public init(mediaType: MediaType = .index, manifests: [Descriptor], annotations: [String: String]? = nil) {
        self.mediaType = mediaType
        self.manifests = manifests
        self.annotations = annotations
    }
}
