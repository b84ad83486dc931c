import BuildContext
import BuildPlan
import BuildSolver
import ContentStorage
import Diagnostics
import DockerfileSyntax
import OCI
import Snapshots

extension ImageBuilder {
    /// A whole file as it would be planned, and what of it is there already.
    struct Known {
        var outline: Outline
        var plan: PlannedBuild
        var results: [Node.ID: StepResult]
    }

    /// For looking at what was built. Nothing is fetched or performed.
    /// - Parameter target: whose config the plan's image has; nil: the request's.
    func known(_ request: BuildRequest, target: Int?) async throws -> Known {
        let source = try await context(of: request)
        var options = PlanOptions(platform: request.platforms.first ?? .host)
        options.buildPlatform = .host
        options.target = target.map { String($0) } ?? request.target
        options.buildArguments = request.buildArguments
        options.contexts = try request.namedContexts.map { try $0.planned() }
        let outline = try Planner.outline(DockerfileParser.parse(source.dockerfile).value, options: options)
        return try await known(outline, source, request, options, environment.snapshotter())
    }

    /// With every stage planned, the unneeded ones too, from images that are in the store.
    func known(
        _ outline: Outline, _ source: ContextSource, _ request: BuildRequest, _ options: PlanOptions,
        _ snapshotter: any Snapshotter
    ) async throws -> Known {
        var all = outline
        for index in all.stages.indices { all.stages[index].isNeeded = true }
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        for need in all.imagesNeeded {
            guard let image = try? environment.images.resolve(need.reference.description) else { continue }
            bases[need.key] = PinnedBase(
                reference: need.reference, manifest: image.manifest.descriptor, config: image.config.value,
                layers: image.manifest.value.layers)
        }
        let plan = try Planner.plan(all, bases: bases, options: options)
        var cached = request
        cached.noCache = false
        cached.noCacheStages = []
        let prepared = Prepared(
            source: source, outline: all, options: options, remote: RemoteStore(environment: environment),
            contexts: NamedContextOpening.Opened(), plan: plan, bases: [], warnings: [])
        let tools = Tools(snapshotter: snapshotter, runtime: environment.runtime())
        let solver = try solver(for: prepared, cached, tools) { _ in }
        return Known(outline: all, plan: plan, results: await solver.knownResults(of: plan.graph))
    }
}
