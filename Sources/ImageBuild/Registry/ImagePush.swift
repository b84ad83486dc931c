package import BuildSolver
import ContentStorage
import Diagnostics
import Distribution
import HostSystem
package import OCI

/// Sends images of the store to registries. What a registry has, or has in another repository, is not sent.
package struct ImagePush: Sendable {
    let environment: BuildEnvironment
    let client: RegistryClient
    let events: @Sendable (BuildEvent) -> Void

    /// nil without a network (`JETTISON_OFFLINE`).
    package init?(environment: BuildEnvironment, events: @escaping @Sendable (BuildEvent) -> Void) {
        guard let client = environment.registry else { return nil }
        self.environment = environment
        self.client = client
        self.events = events
    }

    /// Sends a manifest or index, and names it; returns what the name stands for now.
    package func push(_ target: Descriptor, as reference: Reference) async throws -> Descriptor {
        let lease = try Lease(root: environment.root)
        defer { withExtendedLifetime(lease) {} }
        let root = try whole(target, reference)
        let name = "pushing \(reference.familiar)"
        events(.activity(name: name, detail: "", done: false))
        var repository = client.repository(of: reference)
        let sources = try mountSources(for: reference)
        repository.mountSources = { sources[$0] ?? [] }
        let progress = TransferActivities(verb: name, events: events)
        let sink = TaggingSink(repository: repository, root: root.digest, tag: reference.tag ?? Reference.defaultTag, progress: progress)
        var options = ImageCopyOptions()
        options.progress = { blob, wasThere in progress.finished(blob, wasThere: wasThere) }
        try await copyImage(root, from: environment.content, to: sink, options: options)
        events(.activity(name: name, detail: root.digest.description, done: true))
        return root
    }

    /// What can be sent of an image: an index of which only one platform is here cannot, its manifest can.
    private func whole(_ target: Descriptor, _ reference: Reference) throws -> Descriptor {
        guard target.mediaType.isIndex else { return target }
        let index = try environment.content.document(target, as: Index.self).value
        guard index.manifests.contains(where: { !environment.content.holds($0) }) else { return target }
        let image = try StoredImage(reading: target, from: environment.content, layers: environment.layers)
        events(
            .warning(
                Diagnostic(
                    .warning, "push-one-platform",
                    "of \(reference.familiar) only the image for \(image.config.value.platform) is in the store, and only that is pushed",
                    notes: ["its digest is another one then: \(image.manifest.digest)"])))
        return image.manifest.descriptor
    }

    /// Repositories of the same registry that images of ours with the same layers are named after.
    private func mountSources(for reference: Reference) throws -> [Digest: [String]] {
        var sources: [Digest: [String]] = [:]
        for (target, names) in try environment.images.targets() {
            let repositories = Set(names.filter { $0.registry == reference.registry && $0.repository != reference.repository }.map(\.repository))
            guard !repositories.isEmpty,
                let image = try? StoredImage(reading: target, from: environment.content, layers: environment.layers)
            else { continue }
            for layer in image.layers { sources[layer.blob.digest, default: []] += repositories.sorted() }
        }
        return sources
    }
}

/// A repository whose root document is stored under a tag, in one request.
private struct TaggingSink: BlobSink {
    let repository: RegistryRepository
    let root: Digest
    let tag: String
    let progress: TransferActivities

    func contains(_ blob: Descriptor) async throws -> Bool { blob.digest == root ? false : try await repository.contains(blob) }

    func write(_ blob: Descriptor, from bytes: BlobBytes) async throws {
        guard blob.digest == root else {
            if blob.mediaType.isLayer { progress.received(blob, 0) }
            return try await repository.write(blob, from: bytes)
        }
        guard case .memory(let document) = bytes else { return }
        try await repository.put(document, of: blob, as: tag)
    }
}
