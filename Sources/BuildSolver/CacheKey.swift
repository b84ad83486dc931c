package import BuildPlan
package import OCI
import PathPatterns

/// What a step's result depends on, and nothing else. If it is not an argument of this initialiser, it does not
/// influence caching: no clock, inode, host path, stage name, comment or line number.
package struct CacheKey: Hashable, Sendable {
    /// Raised when the meaning of any part changes: old records then simply miss.
    static let formatVersion = "1"

    package let digest: Digest
    /// The parts in the order they were hashed, printable; kept with the record to explain later misses.
    package let parts: [Part]

    package struct Part: Hashable, Sendable, Codable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(operation: BuildOperation, inputs: [InputIdentity], platform: Platform) {
        var parts = [Part("format", Self.formatVersion)]
        switch operation {
        case .base(let base):
            parts += [Part("operation", "base"), Part("base", base.chainID?.description ?? "scratch")]
        case .context, .namedContext, .fetch:
            parts.append(Part("operation", "context"))
        case .copy(let copy):
            parts.append(Part("operation", "copy"))
            parts += Self.parts(of: copy)
        case .run(let run):
            parts += [Part("operation", "run"), Part("platform", platform.description)]
            parts += Self.parts(of: run)
        case .workdir(let workdir):
            parts += [
                Part("operation", "workdir"), Part("directory", workdir.path), Part("owner", workdir.owner),
            ]
        }
        for input in inputs { parts.append(input.part) }
        self.init(parts: parts)
    }

    init(parts: [Part]) {
        var hasher = SHA256Hasher()
        // Length-framed: no part can run into the next.
        for part in parts { hasher.update("\(part.name.utf8.count):\(part.name)\(part.value.utf8.count):\(part.value)") }
        self.parts = parts
        self.digest = hasher.finish()
    }

    private static func parts(of copy: CopyOperation) -> [Part] {
        var parts = copy.selection.sources.map { Part("source", $0) }
        parts += copy.selection.excludes.map { Part("exclude", $0) }
        for file in copy.inlineFiles {
            parts += [Part("inline file", file.name), Part("inline content", Digest.sha256(of: file.content).description)]
        }
        parts.append(Part("destination", copy.destination + (copy.destinationIsDirectory ? "/" : "")))
        if let owner = copy.owner { parts.append(Part("owner", owner)) }
        if let mode = copy.mode { parts.append(Part("mode", String(mode, radix: 8))) }
        if copy.unpacksArchives { parts.append(Part("unpack", "true")) }
        if copy.unpacksFetchedArchives { parts.append(Part("unpack", "fetched")) }
        return parts
    }

    private static func parts(of run: RunOperation) -> [Part] {
        run.arguments.map { Part("argument", $0) } + run.environment.map { Part("environment", $0) } + [
            Part("working directory", run.workingDirectory), Part("user", run.user), Part("network", run.network),
        ] + run.mounts.map { Part("mount", $0.description) } + run.extraHosts.map { Part("host", $0) }
    }
}

/// What a key says about one input.
package enum InputIdentity: Hashable, Sendable {
    /// A root that a step made: that step's key. Costs nothing to know.
    case derived(Digest)
    /// A base image's root: its layers.
    case base(ChainID)
    /// An empty root.
    case scratch
    /// Copied files: their content.
    case files(Digest)
    /// Files that were fetched: what they are, as far as it shows.
    case fetched(Digest)

    var part: CacheKey.Part {
        switch self {
        case .derived(let key): .init("parent", key.description)
        case .base(let chain): .init("base image", chain.description)
        case .scratch: .init("base image", "scratch")
        case .files(let digest): .init("files", digest.description)
        case .fetched(let digest): .init("fetched", digest.description)
        }
    }
}
