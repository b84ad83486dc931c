import ContentStorage
import Diagnostics
import HostSystem
import OCI
import SystemPackage

/// The images under a root, for commands: names are resolved with suggestions, and what cannot be read is said.
struct ImageAccess: Sendable {
    let root: FilePath
    let images: ImageStore
    /// Fixed in tests.
    var now: Timestamp

    init(root: FilePath, now: Timestamp = .now) {
        self.root = root
        self.now = now
        images = ImageStore(root: root)
    }

    func resolve(_ text: String) throws -> StoredImage {
        do { return try images.resolve(text) } catch let error as StorageError where error.code == .imageNotFound {
            let help =
                Suggestion.question(for: text, among: error.known)
                ?? (error.known.isEmpty
                    ? "the store \(root) has no images yet: build, pull or load one"
                    : "\"jettison images\" lists what there is")
            throw CommandFailure(error.message, help: help)
        }
    }

    /// Newest first. Says on standard error which cannot be read.
    func list() throws -> [StoredImage] {
        try images.list { error in try? StandardStream.error.line("warning: \(error)") }
    }

    /// Removes what nothing needs any more. What the build cache stands on stays.
    func collect() throws -> GarbageCollection.Report { try GarbageCollection(root: root).collect() }
}

/// Turns what is wrong with a template of the user's into a usage error.
func reportingTemplates<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as TemplateError { throw UsageError(error.message, help: error.help) }
}
