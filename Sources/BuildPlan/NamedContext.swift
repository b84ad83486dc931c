package import Diagnostics
import DockerfileSyntax
package import OCI

/// `--build-context NAME=…`: files or an image that a name of the Dockerfile stands for.
package struct NamedContext: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        case scratch
        case image(Reference)
        /// Called by the reference, which stands for nothing else.
        case layout(ImageLayoutSource, as: Reference)
        /// A tree that the caller gives under the context's key.
        case files
    }

    /// As written.
    package var name: String
    package var source: Source

    package init(name: String, source: Source) {
        self.name = name
        self.source = source
    }

    /// What it is compared by, as buildx has it: an image's name in its short form, without the tag `latest`.
    package var key: String { Self.key(name) }

    package static func key(_ name: String) -> String {
        let lowered = name.lowercased()
        let familiar = (try? Reference(parsing: lowered))?.familiar ?? lowered
        return familiar.hasSuffix(":latest") ? String(familiar.dropLast(":latest".count)) : familiar
    }
}

/// An image in an OCI layout on disk.
package struct ImageLayoutSource: Sendable, Hashable {
    package var path: String
    package var tag: String?
    package var digest: Digest?
    package init(path: String, tag: String? = nil, digest: Digest? = nil) {
        self.path = path
        self.tag = tag
        self.digest = digest
    }
}

extension Outline {
    /// Contexts with files that the needed stages read, by key.
    package var contextsNeeded: [String] {
        var keys = Set<String>()
        for stage in stages where stage.isNeeded {
            for case .context(let key) in stage.lenders { keys.insert(key) }
        }
        return keys.sorted()
    }

    /// What there is to say about contexts that no name of the file stands for.
    package func unusedContexts(_ contexts: [NamedContext]) -> [Diagnostic] {
        let names = Set(stages.flatMap { [$0.stage.name, $0.baseName] + $0.copyNames }.compactMap(\.self)).subtracting(["scratch"])
        return contexts.filter { !usedContexts.contains($0.key) }.map { context in
            let text = SourceFile(name: "--build-context", text: context.name)
            return Diagnostic(
                .warning, "build-context-unused", "nothing in \(dockerfile.file.name) is called \"\(context.name)\": the context changes nothing",
                at: SourceRange(file: text, bytes: 0..<text.bytes.count),
                help: names.count > Outline.suggestionLimit ? nil : Suggestion.question(for: context.name, among: names.sorted()))
        }
    }
}

extension Outline.StageOutline {
    /// Names after `--from=`, as written.
    fileprivate var copyNames: [String] {
        stage.instructions.compactMap { if case .copy(let copy) = $0 { copy.from?.raw } else { nil } }
    }
}
