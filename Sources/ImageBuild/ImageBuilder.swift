package import BuildContext
import BuildPlan
package import BuildSolver
import ContentStorage
import Diagnostics
import DockerfileSyntax
import Execution
import HostSystem
import OCI
import Snapshots
import SystemPackage

/// The front door for programs: a request goes in, an exported image comes out.
///
///     request ─▶ read Dockerfile ─▶ outline ─▶ resolve bases ─▶ plan ─▶ solve ─▶ layers ─▶ assemble ─▶ export
///
/// Each arrow is one method here; what it hands on is a value that can be printed.
package struct ImageBuilder: Sendable {
    let environment: BuildEnvironment
    /// How the user calls us, for help that names a command: with `--root` when that was given.
    let program: String

    package init(environment: BuildEnvironment, program: String = "jettison") {
        self.environment = environment
        self.program = program
    }

    package func build(
        _ request: BuildRequest, events: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildReport {
        let clock = ContinuousClock()
        let start = clock.now
        let snapshotter = try environment.snapshotter()
        try environment.recover(snapshotter)
        let lease = try Lease(root: environment.root)
        defer { withExtendedLifetime(lease) {} }
        let prepared = try await prepare(request, holding: lease, events: events)
        let plan = prepared.plan
        var request = request
        request.sourceDateEpoch = request.sourceDateEpoch ?? prepared.epoch
        for warning in prepared.warnings + plan.warnings { events(.warning(warning)) }
        announce(plan, request: request, events)
        let runtime = environment.runtime()
        defer { runtime.close() }
        let agents = BuildAgents(request.agents, searchPath: environment.searchPath)
        defer { agents.close() }
        let tools = Tools(snapshotter: snapshotter, runtime: runtime, agents: agents, lease: lease)
        let results = try await explaining(prepared, request) {
            try await solver(for: prepared, request, tools, events).solve(plan.graph)
        }
        let audit = try await auditWarnings(prepared, results)
        for warning in audit { events(.warning(warning)) }
        let layers = try await exportLayers(plan.image, results, request, snapshotter, events)
        let assembled = try ImageAssembler(
            plan: plan.image, results: results, layers: layers, annotations: request.annotations,
            epoch: request.sourceDateEpoch
        ).assemble()
        try await store(assembled, for: request)
        try await Exporting(environment: environment, snapshotter: snapshotter, request: request, base: plan.image.base)
            .export(assembled, root: plan.image.node.flatMap { results[$0]?.snapshot }, events: events)
        let ledger = try LedgerMaking(
            plan: plan, results: results, layers: layers, environment: environment, snapshotter: snapshotter
        ).ledger(seconds: (clock.now - start).inSeconds)
        return BuildReport(
            imageID: assembled.config.digest, manifest: assembled.manifest.descriptor, references: request.tags,
            ledger: ledger, warnings: prepared.warnings + plan.warnings + audit, bases: prepared.bases)
    }

    /// What a build would do with each step, in file order; nothing is run.
    package func plan(_ request: BuildRequest) async throws -> [PredictedStep] {
        let snapshotter = try environment.snapshotter()
        let prepared = try await prepare(request, holding: nil)
        var request = request
        request.sourceDateEpoch = request.sourceDateEpoch ?? prepared.epoch
        let tools = Tools(snapshotter: snapshotter, runtime: environment.runtime())
        let solver = try solver(for: prepared, request, tools) { _ in }
        let predictions = try await solver.predict(prepared.plan.graph)
        return prepared.plan.steps.map { step in
            let state: PredictedStep.State
            if !step.isNeeded {
                state = .skipped
            } else if case .run(let reason, let seconds) = step.node.flatMap({ predictions[$0] }) {
                state = .run(reason: reason, seconds: seconds)
            } else {
                state = .cached
            }
            return PredictedStep(step: BuildStep(step), state: state)
        }
    }

    /// The context and the Dockerfile of a request, fetched when they are elsewhere.
    package func context(of request: BuildRequest) async throws -> ContextSource {
        try await ContextOpening(environment: environment, remote: RemoteStore(environment: environment, secrets: BuildSecrets(request.secrets))).open(request)
    }

    struct Prepared {
        var source: ContextSource
        var outline: Outline
        var options: PlanOptions
        var remote: RemoteStore
        var contexts: NamedContextOpening.Opened
        var plan: PlannedBuild
        /// The images it stands on, each with the digest it was.
        var bases: [Reference]
        var warnings: [Diagnostic]
        /// SOURCE_DATE_EPOCH of the Dockerfile or the command line.
        var epoch: Int64?
    }

    /// - Parameter lease: protects the bases; nil to look and not to build.
    func prepare(
        _ request: BuildRequest, holding lease: Lease?, events: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> Prepared {
        let remote = RemoteStore(environment: environment, secrets: BuildSecrets(request.secrets), events: events)
        let source = try await ContextOpening(environment: environment, remote: remote).open(request)
        let platform = request.platforms.first ?? .host
        var options = PlanOptions(platform: platform)
        options.buildPlatform = .host
        options.target = request.target
        options.buildArguments = request.buildArguments
        let parsed = DockerfileParser.parse(source.dockerfile, checks: options.value(of: .checks))
        guard !parsed.hasErrors else { throw DiagnosticsError(parsed.diagnostics) }
        options.labels = request.labels
        options.network = request.network == "none" ? "none" : "host"
        options.extraHosts = request.extraHosts
        options.contexts = try request.namedContexts.map { try $0.planned() }
        let resolver = BaseImageResolver(
            environment: environment, platform: platform, refreshes: request.pull, events: events)
        var outline = try Planner.outline(parsed.value, options: options)
        // Before anything is fetched: what is not there fails at once.
        var warnings = source.diagnostics + parsed.diagnostics
        warnings += try await checkSources(outline, source, request, options, warnings: warnings)
        try checkBaseNames(outline)
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        // Each round knows the triggers of the images of the one before, so there are no more rounds than stages.
        while case let missing = outline.imagesNeeded.filter({ bases[$0.key] == nil }), !missing.isEmpty {
            bases.merge(try await resolver.resolve(missing, holding: lease)) { $1 }
            outline = try Planner.outline(parsed.value, options: options, bases: bases)
        }
        let contexts = try await NamedContextOpening(environment: environment, remote: remote)
            .open(outline.contextsNeeded, of: request.namedContexts)
        var plan = try Planner.plan(outline, bases: bases, options: options)
        warnings += try await checkPlannedSources(plan, outline, source, request, options, warnings: warnings)
        warnings += contexts.diagnostics + UnusedArguments.warnings(request.buildArguments, in: parsed.value)
        warnings += outline.unusedContexts(options.contexts)
        // `# check=` leaves some out, and makes others errors.
        warnings = parsed.value.checks.apply(warnings)
        plan.warnings = parsed.value.checks.apply(plan.warnings)
        let said = warnings + plan.warnings
        guard !said.contains(where: { $0.severity == .error }) else { throw DiagnosticsError(said) }
        let pinned = Set(bases.values.map(\.pinnedReference)).sorted { $0.description < $1.description }
        return Prepared(
            source: source, outline: outline, options: options, remote: remote, contexts: contexts, plan: plan,
            bases: pinned, warnings: warnings, epoch: try SourceDateEpoch.seconds(in: outline))
    }

    private func announce(_ plan: PlannedBuild, request: BuildRequest, _ events: (BuildEvent) -> Void) {
        events(
            .planned(
                plan.steps.map { BuildStep($0) }))
        for step in plan.steps where !step.isNeeded {
            let target = request.target.map { "target \($0)" } ?? "the final stage"
            events(.skipped(id: step.id, reason: "not needed for \(target)"))
        }
        for step in plan.steps where step.isNeeded && step.node == nil {
            events(.started(id: step.id))
            events(.cached(id: step.id))
        }
    }

    struct Tools {
        var snapshotter: any Snapshotter
        var runtime: CommandLineRuntime
        var agents = BuildAgents()
        /// nil when nothing is built.
        var lease: Lease?
    }

    func solver(
        for prepared: Prepared, _ request: BuildRequest, _ tools: Tools,
        _ events: @escaping @Sendable (BuildEvent) -> Void
    ) throws -> Solver {
        let tree = prepared.source.tree
        let lease = tools.lease
        var solving = SolverEnvironment(
            snapshotter: tools.snapshotter, runtime: tools.runtime, cache: environment.cache,
            blobs: environment.content, context: { tree }, remote: prepared.remote,
            selections: environment.selections, cacheMounts: environment.cacheMounts,
            protect: { try lease?.protect(Needs(snapshots: [$0.name])) }, now: { Timestamp.now.seconds })
        solving.secrets = BuildSecrets(request.secrets)
        solving.agents = tools.agents
        solving.namedContexts = prepared.contexts.trees.mapValues { tree in { tree } }
        if lease != nil { solving.failures = environment.failures(tools.snapshotter, of: request) }
        var options = SolverOptions(platform: prepared.plan.image.platform, limit: max(2, HostIdentity.processors))
        options.resourceLimits = request.resourceLimits
        options.memoryLimitBytes = request.memoryLimitBytes
        options.sharedMemoryBytes = request.sharedMemoryBytes ?? options.sharedMemoryBytes
        options.sourceDateEpoch = request.sourceDateEpoch
        let names = Set(request.noCacheStages.map { $0.lowercased() })
        for step in prepared.plan.steps {
            guard let node = step.node else { continue }
            guard request.noCache || names.contains(step.stage.lowercased()) else { continue }
            options.uncached.insert(node)
            if let files = prepared.plan.graph[node].layer { options.uncached.insert(files) }
        }
        return Solver(environment: solving, options: options, steps: prepared.plan.steps, events: events)
    }

    private func exportLayers(
        _ image: PlannedImage, _ results: [Node.ID: StepResult], _ request: BuildRequest,
        _ snapshotter: any Snapshotter, _ events: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> [Node.ID: LayerInfo] {
        let export = LayerExport(
            content: environment.content, layers: environment.layers, snapshotter: snapshotter,
            clampTime: request.sourceDateEpoch)
        var layers: [Node.ID: LayerInfo] = [:]
        let nodes = image.steps.compactMap { step -> (Node.ID, SnapshotID)? in
            guard let node = step.node, let record = results[node]?.record, !record.isEmpty else { return nil }
            return (node, record.result)
        }
        for (index, (node, snapshot)) in nodes.enumerated() {
            var isWritten = false
            layers[node] = try await export.layer(of: snapshot) {
                isWritten = true
                events(.activity(name: "exporting layers", detail: "\(index + 1) of \(nodes.count)", done: false))
            }
            if isWritten, index == nodes.count - 1 {
                events(.activity(name: "exporting layers", detail: "\(nodes.count) of \(nodes.count)", done: true))
            }
        }
        return layers
    }

    private func store(_ assembled: ImageAssembler.Assembled, for request: BuildRequest) async throws {
        let environment = environment
        try await BlockingPool.run {
            _ = try environment.content.store(assembled.config)
            let target = try environment.content.store(assembled.manifest)
            guard request.outputs.contains(.store) else { return }
            for tag in request.tags { try environment.images.set(tag, to: target) }
            if request.tags.isEmpty { try environment.images.keep(target) }
        }
    }
}

/// A step of `--plan`.
package struct PredictedStep: Sendable {
    package enum State: Sendable, Hashable {
        case cached
        case run(reason: String, seconds: Double?)
        case skipped
    }
    package var step: BuildStep
    package var state: State
}

extension BuildStep {
    init(_ step: PlannedStep) {
        self.init(
            id: step.id, stage: step.stage, stageIndex: step.stageIndex, position: step.position, count: step.count,
            title: step.title, origin: step.origin)
    }
}
