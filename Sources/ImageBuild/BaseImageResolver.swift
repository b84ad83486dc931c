import BuildPlan
import ContentStorage
import Diagnostics
import OCI

/// Pins the images a plan needs. They come from the store.
struct BaseImageResolver {
    let environment: BuildEnvironment
    let platform: Platform

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
        let image = try await image(need)
        let (wanted, found) = (need.platform ?? platform, image.config.value.platform)
        guard found.os == wanted.os, found.architecture == wanted.architecture else {
            throw DiagnosticsError(
                Diagnostic(
                    .error, "base-platform", "\(need.reference.familiar) is an image for \(found), not for \(wanted)",
                    at: need.range, help: "make or load an image of that name for \(wanted)"))
        }
        return PinnedBase(
            reference: need.reference, manifest: image.manifest.descriptor, config: image.config.value,
            layers: image.manifest.value.layers)
    }

    private func image(_ need: ImageNeed) async throws -> StoredImage {
        if let layout = need.layout { return try await LayoutImage(source: layout, environment: environment).load() }
        do { return try environment.images.resolve(need.reference.description) } catch let error as StorageError {
            guard error.code == .imageNotFound else { throw error }
            throw DiagnosticsError(notFound(need, known: error.known))
        }
    }

    private func notFound(_ need: ImageNeed, known: [String]) -> Diagnostic {
        var diagnostic = Diagnostic(.error, "image-not-found", "image \"\(need.reference.familiar)\" is not in the store", at: need.range,
            "no such image here")
        if let near = Suggestion.nearest(to: need.reference.familiar, among: known) {
            diagnostic.help = "did you mean \"\(near)\"?"
        } else {
            diagnostic.help =
                "make a Debian base with \"jettison base create -t \(need.reference.familiar)\", or load one with \"jettison load -i FILE\""
        }
        if !known.isEmpty {
            diagnostic.notes.append("images here: " + known.sorted().prefix(12).joined(separator: ", "))
        }
        return diagnostic
    }
}
