import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI

/// A Dockerfile planned on bases that exist whatever they are called: what tables of small cases compare.
struct Planned {
    var build: PlannedBuild
    var warnings: [Diagnostic]

    var config: ContainerConfig { build.image.config }
    /// The lines of history that this file adds.
    var history: [String] { build.image.steps.map(\.createdBy) }
    /// What the last RUN starts with, without PATH.
    var environment: [String] {
        for node in build.graph.nodes.reversed() {
            if case .run(let run) = node.operation { return run.environment.filter { !$0.hasPrefix("PATH=") } }
        }
        return []
    }
    /// The commands of the RUN instructions, in the order of the graph.
    var commands: [String] {
        build.graph.nodes.compactMap { if case .run(let run) = $0.operation { run.arguments.last } else { nil } }
    }

    /// - Parameters:
    ///   - text: the Dockerfile.
    ///   - bases: the configs of images by name without a tag; others have a PATH and nothing else.
    init(
        _ text: String, arguments: [String] = [], target: String? = nil, bases: [String: ContainerConfig] = [:]
    ) throws {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text))
        guard !parsed.hasErrors else { throw DiagnosticsError(parsed.diagnostics) }
        var options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        options.target = target
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            options.buildArguments.append((parts[0], parts.count == 2 ? parts[1] : nil))
        }
        var outline = try Planner.outline(parsed.value, options: options)
        var found: [ImageNeed.Key: PinnedBase] = [:]
        while case let missing = outline.imagesNeeded.filter({ found[$0.key] == nil }), !missing.isEmpty {
            for need in missing { found[need.key] = Self.base(need, bases[String(need.reference.familiar.prefix { $0 != ":" })]) }
            outline = try Planner.outline(parsed.value, options: options, bases: found)
        }
        build = try Planner.plan(outline, bases: found, options: options)
        warnings = parsed.diagnostics + build.warnings
    }

    private static func base(_ need: ImageNeed, _ container: ContainerConfig?) -> PinnedBase {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        let digest = Digest.sha256(of: need.reference.description)
        config.rootfs = .init(diffIDs: [DiffID(digest)])
        config.config = container
        return PinnedBase(
            reference: need.reference, manifest: Descriptor(mediaType: .manifest, digest: digest, size: 1),
            config: config, layers: [Descriptor(mediaType: .layerGzip, digest: digest, size: 1)])
    }
}
