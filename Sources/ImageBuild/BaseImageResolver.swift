import BuildPlan
import BuildSolver
import ContentStorage
import Diagnostics
package import Distribution
package import OCI

/// Pins the images a plan needs. They come from the store; what it does not have is pulled into it.
struct BaseImageResolver {
    let environment: BuildEnvironment
    let platform: Platform
    /// Ask the registries for newer ones of the images that are there.
    var refreshes = false
    var events: @Sendable (BuildEvent) -> Void = { _ in }

    /// - Parameter lease: keeps what is found. Protected first, then looked at again: a prune may be at work.
    func resolve(_ needs: [ImageNeed], holding lease: Lease?) async throws -> [ImageNeed.Key: PinnedBase] {
        let bases = try await resolve(needs)
        guard let lease, !bases.isEmpty else { return bases }
        var wanted = Needs()
        for base in bases.values {
            wanted.blobs.formUnion([base.manifest.digest] + base.layers.map(\.digest))
            wanted.layers.formUnion(base.config.rootfs.diffIDs)
        }
        try lease.protect(wanted)
        return wanted.blobs.allSatisfy(environment.content.contains) ? bases : try await resolve(needs)
    }

    private func resolve(_ needs: [ImageNeed]) async throws -> [ImageNeed.Key: PinnedBase] {
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        var problems: [Diagnostic] = []
        for need in needs {
            do { bases[need.key] = try await resolve(need) } catch let error as DiagnosticsError {
                problems += error.diagnostics
            }
        }
        guard problems.isEmpty else { throw DiagnosticsError(problems) }
        return bases
    }

    private func resolve(_ need: ImageNeed) async throws -> PinnedBase {
        let wanted = need.platform ?? platform
        if let layout = need.layout {
            let image = try await LayoutImage(source: layout, environment: environment).load()
            guard Self.serves(image, wanted) else { throw DiagnosticsError(otherPlatform(need, wanted, image)) }
            return base(need, image)
        }
        let found = try stored(need.reference, wanted)
        let isRight = found.image.map { Self.serves($0, wanted) } ?? false
        // What is pinned cannot be newer.
        if let image = found.image, isRight, !refreshes || need.reference.digest != nil { return base(need, image) }
        guard let pull = ImagePull(environment: environment, events: events) else {
            if let image = found.image, isRight { return base(need, image) }
            throw DiagnosticsError(missing(need, wanted, found.image, known: found.known))
        }
        do {
            let root = try await pull.resolve(need.reference)
            if let image = found.image, isRight, image.target.digest == root.digest { return base(need, image) }
            let image = try await pull.pull(need.reference, platform: wanted, root: root).image
            guard Self.serves(image, wanted) else { throw DiagnosticsError(otherPlatform(need, wanted, image)) }
            return base(need, image)
        } catch let error as RegistryError {
            throw DiagnosticsError(failed(need, wanted, found.image, known: found.known, error))
        } catch let error as DiagnosticsError {
            throw DiagnosticsError(error.diagnostics.map { Self.pointed($0, at: need) })
        } catch let error as CredentialError {
            throw DiagnosticsError(Diagnostic(.error, "pull-failed", error.description, at: need.range, help: error.help))
        } catch let error as ImageError {
            throw DiagnosticsError(
                Diagnostic(.error, "pull-failed", "what \(need.reference.registry) has as \(need.reference.familiar) is no image: \(error)", at: need.range))
        }
    }

    private func base(_ need: ImageNeed, _ image: StoredImage) -> PinnedBase {
        PinnedBase(
            reference: need.reference, manifest: image.manifest.descriptor, config: image.config.value,
            layers: image.manifest.value.layers, pin: image.target.digest)
    }

    /// What the store has under the name, for the platform when there are several; or the names it knows.
    private func stored(_ reference: Reference, _ wanted: Platform) throws -> (image: StoredImage?, known: [String]) {
        do {
            let image = try environment.images.resolve(reference.description)
            if Self.serves(image, wanted) || !image.target.mediaType.isIndex { return (image, []) }
            let other = try StoredImage(
                reading: image.target, names: image.references, platform: wanted, from: environment.content, layers: environment.layers)
            return (other, [])
        } catch let error as StorageError {
            guard error.code == .imageNotFound else { throw error }
            return (nil, error.known)
        }
    }

    private static func serves(_ image: StoredImage, _ wanted: Platform) -> Bool {
        let found = image.config.value.platform
        return found.os == wanted.os && found.architecture == wanted.architecture
    }

    private static func pointed(_ diagnostic: Diagnostic, at need: ImageNeed) -> Diagnostic {
        var diagnostic = diagnostic
        if diagnostic.primary == nil { diagnostic.primary = .init(need.range) }
        return diagnostic
    }

    private func otherPlatform(_ need: ImageNeed, _ wanted: Platform, _ image: StoredImage) -> Diagnostic {
        Diagnostic(
            .error, "base-platform", "\(need.reference.familiar) is an image for \(image.config.value.platform), not for \(wanted)",
            at: need.range, help: "make or load an image of that name for \(wanted)")
    }

    /// Without a network.
    private func missing(_ need: ImageNeed, _ wanted: Platform, _ image: StoredImage?, known: [String]) -> Diagnostic {
        if let image { return otherPlatform(need, wanted, image) }
        var diagnostic = Diagnostic(
            .error, "image-not-found", "image \"\(need.reference.familiar)\" is not in the store", at: need.range, "no such image here")
        if let near = Suggestion.nearest(to: need.reference.familiar, among: known) {
            diagnostic.help = "did you mean \"\(near)\"?"
        } else {
            diagnostic.help =
                "make a Debian base with \"jettison base create -t \(need.reference.familiar)\", or load one with \"jettison load -i FILE\""
        }
        addKnown(known, to: &diagnostic)
        return diagnostic
    }

    /// The registry could not help.
    private func failed(_ need: ImageNeed, _ wanted: Platform, _ image: StoredImage?, known: [String], _ error: RegistryError) -> Diagnostic {
        var diagnostic = Diagnostic(.error, error.isAboutName ? "image-not-found" : "pull-failed", error.description, at: need.range)
        diagnostic.primary?.text = image == nil ? "not in the store either" : "the store has another one"
        if let image, !Self.serves(image, wanted) {
            diagnostic.notes.append("in the store it is an image for \(image.config.value.platform), not for \(wanted)")
        }
        let near = Suggestion.nearest(to: need.reference.familiar, among: known)
        diagnostic.help = near.map { "did you mean \"\($0)\", which is in the store?" } ?? error.suggestion(for: need.reference) ?? error.help
        if case .network = error.reason, near == nil {
            diagnostic.notes.append("without a network: \"jettison base create -t \(need.reference.familiar)\" makes a Debian base")
        }
        addKnown(known, to: &diagnostic)
        return diagnostic
    }

    private func addKnown(_ known: [String], to diagnostic: inout Diagnostic) {
        if !known.isEmpty { diagnostic.notes.append("images here: " + known.sorted().prefix(12).joined(separator: ", ")) }
    }
}

extension RegistryError {
    /// Whether the name may be the mistake.
    var isAboutName: Bool {
        switch reason {
        case .manifestUnknown, .repositoryUnknown, .credentialsMissing: true
        default: false
        }
    }

    /// A tag that is there and was probably meant.
    package func suggestion(for reference: Reference) -> String? {
        guard let tag = reference.tag, let near = Suggestion.nearest(to: tag, among: known) else { return nil }
        return "did you mean \"\(reference.familiarName):\(near)\"?"
    }
}
