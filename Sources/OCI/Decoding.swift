// How documents of others are decoded: `null` where Go means empty, strings where docker once wrote them, and nothing
// that contradicts itself. Keys we do not know are passed over.

extension Descriptor {
    /// More than any blob: sizes are summed, and the sum must not overflow.
    public static let sizeLimit: Int64 = 1 << 50

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decode(MediaType.self, forKey: .mediaType)
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard (0...Self.sizeLimit).contains(size) else {
            throw DecodingError.dataCorruptedError(forKey: .size, in: container, debugDescription: "the size \(size) is not one of a blob")
        }
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        urls = try container.decodeIfPresent([String].self, forKey: .urls)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
    }
}

/// The keys by which a manifest and an index are told apart.
private enum ShapeKey: String, CodingKey {
    case schemaVersion, mediaType, config, layers, manifests
}

/// A document that is a manifest to one reader and an index to another is refused (CVE-2021-41190).
private func checkShape(_ decoder: any Decoder, isIndex: Bool) throws {
    let container = try decoder.container(keyedBy: ShapeKey.self)
    let version = try container.decode(Int.self, forKey: .schemaVersion)
    guard version == 2 else {
        throw DecodingError.dataCorruptedError(
            forKey: .schemaVersion, in: container, debugDescription: "schema version \(version) is not supported, only 2")
    }
    let foreign: [ShapeKey] = isIndex ? [.config, .layers] : [.manifests]
    for key in foreign where container.contains(key) {
        throw DecodingError.dataCorruptedError(
            forKey: key, in: container, debugDescription: "an \(isIndex ? "index" : "image manifest") has no \"\(key.rawValue)\"")
    }
    guard let type = try container.decodeIfPresent(MediaType.self, forKey: .mediaType), !type.rawValue.isEmpty else { return }
    guard isIndex ? type.isIndex : type.isManifest else {
        throw DecodingError.dataCorruptedError(forKey: .mediaType, in: container, debugDescription: "it calls itself \(type)")
    }
}

extension Manifest {
    public init(from decoder: any Decoder) throws {
        try checkShape(decoder, isIndex: false)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        config = try container.decode(Descriptor.self, forKey: .config)
        layers = try container.decodeNullable([Descriptor].self, forKey: .layers) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }
}

extension Index {
    public init(from decoder: any Decoder) throws {
        try checkShape(decoder, isIndex: true)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        manifests = try container.decodeNullable([Descriptor].self, forKey: .manifests) ?? []
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
    }
}

extension ImageConfig.RootFS {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        diffIDs = try container.decodeNullable([DiffID].self, forKey: .diffIDs) ?? []
    }
}

extension ContainerConfig {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        user = try container.decodeIfPresent(String.self, forKey: .user)
        exposedPorts = try container.decodeIfPresent([String: Empty?].self, forKey: .exposedPorts)?.mapValues { _ in Empty() }
        env = try container.words(.env)
        entrypoint = try container.words(.entrypoint)
        cmd = try container.words(.cmd)
        volumes = try container.decodeIfPresent([String: Empty?].self, forKey: .volumes)?.mapValues { _ in Empty() }
        workingDir = try container.decodeIfPresent(String.self, forKey: .workingDir)
        labels = try container.decodeIfPresent([String: String?].self, forKey: .labels)?.mapValues { $0 ?? "" }
        stopSignal = try container.decodeIfPresent(String.self, forKey: .stopSignal)
        healthcheck = try container.decodeIfPresent(Healthcheck.self, forKey: .healthcheck)
        onBuild = try container.words(.onBuild)
        shell = try container.words(.shell)
        argsEscaped = try container.decodeIfPresent(Bool.self, forKey: .argsEscaped)
    }
}

extension KeyedDecodingContainer {
    /// The key must be there, but may be `null`.
    fileprivate func decodeNullable<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        if try decodeNil(forKey: key) { return nil }
        return try decode(type, forKey: key)
    }

    /// A list of strings, or one string, which docker takes for a list of one.
    fileprivate func words(_ key: Key) throws -> [String]? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        if let word = try? decode(String.self, forKey: key) { return [word] }
        return try decode([String].self, forKey: key)
    }
}
