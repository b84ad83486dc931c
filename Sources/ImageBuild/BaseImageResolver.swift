import BuildPlan
import ContentStorage
import Diagnostics
import OCI

/// Pins the images a plan needs. They come from the store.
struct BaseImageResolver {
    let environment: BuildEnvironment
    let platform: Platform

    func resolve(_ needs: [ImageNeed]) async throws -> [ImageNeed.Key: BaseImage] {
        var bases: [ImageNeed.Key: BaseImage] = [:]
        var problems: [Diagnostic] = []
        for need in needs {
            do { bases[need.key] = try await resolve(need) } catch let error as DiagnosticsError {
                problems += error.diagnostics
            }
        }
        guard problems.isEmpty else { throw DiagnosticsError(problems) }
        return bases
    }

    private func resolve(_ need: ImageNeed) async throws -> BaseImage {
        guard let image = try environment.images.image(need.reference) else {
            throw DiagnosticsError(notFound(need))
        }
        let wanted = need.platform ?? platform
        let (manifest, config) = try image.documents(for: wanted, in: environment.content)
        return BaseImage(
            reference: need.reference, manifest: manifest.descriptor, config: config.value,
            layers: manifest.value.layers)
    }

    private func notFound(_ need: ImageNeed) -> Diagnostic {
        let known = ((try? environment.images.list()) ?? []).flatMap { $0.references.map(\.familiar) }
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
