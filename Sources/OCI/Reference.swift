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

    /// `docker.io/library/node:20@sha256:…`.
    public var description: String {
        registry + "/" + repository + (tag.map { ":" + $0 } ?? "") + (digest.map { "@" + $0.description } ?? "")
    }
}
