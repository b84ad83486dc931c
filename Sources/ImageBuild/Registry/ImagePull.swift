package import ContentStorage
package import BuildSolver
import Diagnostics
import Distribution
import HostSystem
package import OCI

/// Brings images from registries into the store: the documents and the layers of one platform, verified on the way.
/// What the store has is not fetched again.
package struct ImagePull: Sendable {
    /// An image that is in the store now.
    package struct Pulled: Sendable {
        /// The name with the digest it stands for.
        package var reference: Reference
        /// What the name points at: a manifest or an index.
        package var target: Descriptor
        package var image: StoredImage
        /// Whether anything had to be fetched.
        package var isNew: Bool
    }

    let environment: BuildEnvironment
    let client: RegistryClient
    let events: @Sendable (BuildEvent) -> Void
    private static let depthLimit = 4

    init(environment: BuildEnvironment, client: RegistryClient, events: @escaping @Sendable (BuildEvent) -> Void) {
        self.environment = environment
        self.client = client
        self.events = events
    }

    /// nil without a network (`JETTISON_OFFLINE`).
    package init?(environment: BuildEnvironment, events: @escaping @Sendable (BuildEvent) -> Void) {
        guard let client = environment.registry else { return nil }
        self.init(environment: environment, client: client, events: events)
    }

    /// What the name stands for at its registry now.
    func resolve(_ reference: Reference) async throws -> Descriptor { try await client.repository(of: reference).resolve(reference) }

    /// - Parameter root: what the name stands for, when that is known.
    package func pull(_ reference: Reference, platform: Platform, root known: Descriptor? = nil) async throws -> Pulled {
        let lease = try Lease(root: environment.root)
        defer { withExtendedLifetime(lease) {} }
        let name = "pulling \(reference.familiar)"
        events(.activity(name: name, detail: "", done: false))
        let progress = TransferActivities(verb: name, events: events)
        var repository = client.repository(of: reference)
        repository.received = { progress.received($0, $1) }
        let root = if let known { known } else { try await repository.resolve(reference) }
        let choice = try await choose(root, platform, reference, from: repository)
        try lease.protect(choice.needs)
        try await copy(root, choice, reference, from: repository, progress)
        let pulled = try setName(reference, root, platform)
        events(.activity(name: name, detail: root.digest.description, done: true))
        return Pulled(
            reference: reference.pinned(to: root.digest), target: root, image: pulled, isNew: progress.count > 0)
    }

    /// What of an index belongs to one platform.
    private struct Choice {
        /// Documents on the way down, the root first.
        var documents: [Descriptor]
        var manifest: Manifest
        var needs: Needs
    }

    private func choose(
        _ root: Descriptor, _ platform: Platform, _ reference: Reference, from repository: RegistryRepository
    ) async throws -> Choice {
        var path = [root]
        while let last = path.last, last.mediaType.isIndex {
            guard path.count <= Self.depthLimit else { throw ImageError(root, .nestedTooDeeply) }
            let index = try await document(last, as: Index.self, from: repository)
            guard let next = index.manifest(for: platform) else { throw Self.noImage(reference, platform, index) }
            path.append(next)
        }
        let manifest = try await document(path[path.count - 1], as: Manifest.self, from: repository)
        guard [.config, .dockerConfig].contains(manifest.config.mediaType) else {
            throw ImageError(path[path.count - 1], .invalid("it is no container image, but an artifact (\(manifest.config.mediaType.rawValue.prefix(100)))"))
        }
        // Before a single layer is fetched for nothing.
        let config = try await document(manifest.config, as: ImageConfig.self, from: repository)
        try manifest.validate(with: config)
        let blobs = Set((path + [manifest.config] + manifest.layers).map(\.digest))
        return Choice(documents: path, manifest: manifest, needs: Needs(blobs: blobs, layers: Set(config.rootfs.diffIDs)))
    }

    /// What is here is not asked for again.
    private func document<Value: Codable & Sendable>(_ blob: Descriptor, as type: Value.Type, from repository: RegistryRepository) async throws -> Value {
        if environment.content.holds(blob) { return try environment.content.document(blob, as: type).value }
        return try await repository.document(blob, as: type).value
    }

    private static func noImage(_ reference: Reference, _ platform: Platform, _ index: Index) -> DiagnosticsError {
        let there = index.manifests.compactMap(\.platform).filter { $0.os != "unknown" }.map(\.description)
        return DiagnosticsError(
            Diagnostic(
                .error, "base-platform", "\(reference.familiar) has no image for \(platform)",
                notes: there.isEmpty ? [] : ["it has images for " + there.prefix(16).joined(separator: ", ")]))
    }

    private func copy(
        _ root: Descriptor, _ choice: Choice, _ reference: Reference, from repository: RegistryRepository, _ progress: TransferActivities
    ) async throws {
        let wanted = Set(choice.documents.map(\.digest))
        var options = ImageCopyOptions()
        options.includes = { wanted.contains($0.digest) }
        options.progress = { blob, wasThere in progress.finished(blob, wasThere: wasThere) }
        do { try await copyImage(root, from: repository, to: environment.content, options: options) } catch let error as StorageError {
            guard error.code == .damaged else { throw error }
            throw DiagnosticsError(
                Diagnostic(
                    .error, "pull-damaged", "\(reference.registry) sent other bytes for \(reference.familiar) than it announced",
                    notes: [error.message, "nothing of it was kept"],
                    help: "something between here and \(reference.registry) changes what passes: try again, and look at proxies and mirrors"))
        }
    }

    /// Names what is in the store now. A digest is a name of its own: a tag beside it may long be somewhere else.
    private func setName(_ reference: Reference, _ root: Descriptor, _ platform: Platform) throws -> StoredImage {
        let key = try reference.digest.map { try Reference(parsing: "\(reference.name)@\($0)") } ?? reference
        try environment.images.set(key, to: root)
        return try StoredImage(
            reading: root, names: [key], platform: platform, from: environment.content, layers: environment.layers)
    }
}
