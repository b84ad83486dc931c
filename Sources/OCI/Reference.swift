/// An image's name, normalised while parsing as docker does: `node` is `docker.io/library/node:latest`.
public struct Reference: Hashable, Sendable, CustomStringConvertible {
    /// `docker.io`, `gcr.io`, `localhost:5000`.
    public let registry: String
    /// `library/node`.
    public let repository: String
    /// nil only when a digest is given.
    public let tag: String?
    public let digest: Digest?

    init(registry: String, repository: String, tag: String?, digest: Digest?) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// The registry that is meant when none is named.
    public static let defaultRegistry = "docker.io"
    public static let defaultTag = "latest"

    /// `docker.io/library/node:20@sha256:…`.
    public var description: String { name + suffix }

    /// `docker.io/library/node`.
    public var name: String { registry + "/" + repository }

    /// As people write it: `node:20`, `bitnami/redis:7`, `gcr.io/team/app:1@sha256:…`.
    public var familiar: String { familiarName + suffix }

    /// `node`: the name without what docker implies.
    public var familiarName: String {
        guard registry == Self.defaultRegistry else { return name }
        let isOfficial = repository.hasPrefix("library/") && !repository.dropFirst(8).contains("/")
        return isOfficial ? String(repository.dropFirst(8)) : repository
    }

    private var suffix: String { (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0.description } ?? "") }

    /// The same name and tag, pinned to a digest.
    public func pinned(to digest: Digest) -> Reference {
        Reference(registry: registry, repository: repository, tag: tag, digest: digest)
    }

    /// The same name and tag without a digest; with neither, the default tag.
    public var unpinned: Reference {
        Reference(registry: registry, repository: repository, tag: tag ?? Self.defaultTag, digest: nil)
    }
}

extension Reference: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do { try self.init(parsing: text) } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
