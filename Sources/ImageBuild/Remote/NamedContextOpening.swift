import BuildContext
import BuildPlan
import BuildSolver
import ContentStorage
import Diagnostics
import HostSystem
package import OCI
import SystemPackage

extension BuildRequest {
    /// `--build-context NAME=…`, as typed but for its form.
    package struct NamedContext: Sendable, Hashable {
        package enum Source: Sendable, Hashable {
            case directory(String)
            case scratch
            case image(Reference)
            case layout(path: String, tag: String?, digest: Digest?)
            /// A git repository, or an archive or a single file by URL.
            case url(String)
        }
        package var name: String
        package var source: Source
        package init(name: String, source: Source) {
            self.name = name
            self.source = source
        }

        /// What the plan has to know of it.
        func planned() throws(DigestlessName) -> BuildPlan.NamedContext {
            switch source {
            case .scratch: return .init(name: name, source: .scratch)
            case .image(let reference): return .init(name: name, source: .image(reference))
            case .directory, .url: return .init(name: name, source: .files)
            case .layout(let path, let tag, let digest):
                guard let reference = try? Reference(parsing: name.lowercased()) else { throw DigestlessName(name: name) }
                return .init(name: name, source: .layout(ImageLayoutSource(path: path, tag: tag, digest: digest), as: reference))
            }
        }
    }
}

/// A name that no image can have, for an image.
struct DigestlessName: Error, CustomStringConvertible {
    let name: String
    var description: String { "the context \"\(name)\" is an image, and no image can be called so" }
}

/// Opens the named contexts that a build reads, and no others.
struct NamedContextOpening {
    let environment: BuildEnvironment
    let remote: RemoteStore

    struct Opened: Sendable {
        var trees: [String: SourceTree] = [:]
        var diagnostics: [Diagnostic] = []
        /// Keeps unpacked archives.
        var temporary: [TemporaryDirectory] = []
    }

    func open(_ keys: [String], of contexts: [BuildRequest.NamedContext]) async throws -> Opened {
        var opened = Opened()
        for key in keys {
            guard let context = contexts.last(where: { BuildPlan.NamedContext.key($0.name) == key }) else { continue }
            switch context.source {
            case .directory(let path):
                let memos = environment.contexts
                let (tree, diagnostics) = try await BlockingPool.run {
                    try ContextSource.tree(named: context.name, at: FilePath(path), memos: memos)
                }
                guard !diagnostics.contains(where: { $0.severity == .error }) else { throw DiagnosticsError(diagnostics) }
                opened.trees[key] = tree
                opened.diagnostics += diagnostics
            case .url(let text): try await open(text, as: key, &opened)
            case .scratch, .image, .layout: continue
            }
        }
        return opened
    }

    /// A repository's files, an archive's members, or the file itself, called `context` as in BuildKit.
    private func open(_ text: String, as key: String, _ opened: inout Opened) async throws {
        guard let source = try RemoteContext.parse(text) else { return }
        guard case .http(let http) = source else {
            opened.trees[key] = try await remote.tree(of: source)
            return
        }
        let (file, temporary) = (try await remote.file(of: http), environment.root.appending("tmp"))
        let unpacked = try await BlockingPool.run {
            try ContextSource.tree(unpacking: file, temporary: temporary, from: http.address.redacted)
        }
        if let unpacked { opened.temporary.append(unpacked.keeping) }
        opened.trees[key] = if let unpacked { unpacked.tree } else { try await remote.tree(of: source) }
    }
}

/// An image of an OCI layout on disk, on its way into the store.
struct LayoutImage {
    let source: ImageLayoutSource
    let environment: BuildEnvironment

    func load() async throws -> StoredImage {
        let (source, environment) = (source, environment)
        return try await BlockingPool.run {
            let archive = try ImageArchive(opening: FilePath(source.path), spoolingInto: environment.content.paths)
            guard case .layout(let layout, _) = archive.form else {
                throw StorageError(.badArchive, "\(source.path) is not an OCI layout, but a docker archive")
            }
            return try layout.load(try Self.entry(source, layout), into: environment.images)
        }
    }

    private static func entry(_ source: ImageLayoutSource, _ layout: OCILayout) throws -> OCILayout.Entry {
        let entries = layout.entries
        if let digest = source.digest {
            guard let entry = entries.first(where: { $0.target.digest == digest }) else {
                throw StorageError(.imageNotFound, "\(source.path) has no image \(digest)", known: entries.map(\.target.digest.description))
            }
            return entry
        }
        let tag = source.tag ?? Reference.defaultTag
        if let entry = entries.first(where: { $0.names.contains { $0 == tag || $0.hasSuffix(":" + tag) } }) { return entry }
        if source.tag == nil, entries.count == 1 { return entries[0] }
        let names = entries.flatMap(\.names).map { name in name.split(separator: ":").last.map(String.init) ?? name }
        throw StorageError(
            .imageNotFound, "\(source.path) has no image tagged \"\(tag)\"",
            help: Suggestion.question(for: tag, among: names)
                ?? (names.isEmpty ? "name it by its digest: oci-layout://\(source.path)@sha256:…" : "it has: " + names.prefix(12).joined(separator: ", ")))
    }
}
