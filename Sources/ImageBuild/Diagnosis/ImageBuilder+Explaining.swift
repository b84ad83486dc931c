import BuildContext
import BuildPlan
import BuildSolver
import Diagnostics
import DockerfileSyntax
import HostSystem
import OCI
import PathPatterns
import Snapshots
import SystemPackage

/// A failure with everything that is known about it: what the failed step said, and what the text, the context and the
/// other stages say to that.
struct ExplainedFailure: Error, DiagnosticConvertible {
    let diagnostics: [Diagnostic]
}

extension ImageBuilder {
    /// Throws when a source of a needed stage is not in the context. Gives the warnings otherwise.
    func checkSources(
        _ outline: Outline, _ source: ContextSource, _ request: BuildRequest, _ options: PlanOptions,
        warnings: [Diagnostic]
    ) async throws -> [Diagnostic] {
        guard outline.needsContext else { return [] }
        let tree = source.tree
        let check = try await BlockingPool.run {
            var check = SourceCheck(outline: outline, tree: tree)
            try check.checkText()
            return check
        }
        try await fail(for: check, outline, source, request, options, warnings: warnings)
        return check.warnings
    }

    /// The same for sources that only the plan knows.
    func checkPlannedSources(
        _ plan: PlannedBuild, _ outline: Outline, _ source: ContextSource, _ request: BuildRequest,
        _ options: PlanOptions, warnings: [Diagnostic]
    ) async throws -> [Diagnostic] {
        guard outline.needsContext else { return [] }
        let tree = source.tree
        let check = try await BlockingPool.run {
            var check = SourceCheck(outline: outline, tree: tree)
            try check.checkPlan(plan)
            return check
        }
        try await fail(for: check, outline, source, request, options, warnings: warnings)
        return check.warnings
    }

    private func fail(
        for check: SourceCheck, _ outline: Outline, _ source: ContextSource, _ request: BuildRequest,
        _ options: PlanOptions, warnings: [Diagnostic]
    ) async throws {
        guard !check.missing.isEmpty else { return }
        let diagnosis = await diagnosis(outline, source, request, options)
        let errors = try await BlockingPool.run { check.missing.map { diagnosis.diagnostic(for: $0) } }
        // Said better by the error.
        let said = Set(errors.compactMap(\.primary?.range))
        let rest = (warnings + check.warnings).filter { warning in
            warning.code != "lost-from" || !(warning.primary.map { said.contains($0.range) } ?? false)
        }
        throw DiagnosticsError((rest + errors).inPlaceOrder())
    }

    private func diagnosis(
        _ outline: Outline, _ source: ContextSource, _ request: BuildRequest, _ options: PlanOptions
    ) async -> MissingSourceDiagnosis {
        MissingSourceDiagnosis(
            dockerfile: outline.dockerfile, tree: source.tree, contextPath: Self.contextPath(of: request, source),
            built: await builtStages(outline, source, request, options) ?? BuiltStages())
    }

    private static func contextPath(of request: BuildRequest, _ source: ContextSource) -> FilePath? {
        guard case .directory = request.context else { return nil }
        return try? source.tree.directory.resolvedPath()
    }

    /// What is on disk of all stages, the unneeded ones too: a lost --from makes a stage unneeded.
    func builtStages(
        _ outline: Outline, _ source: ContextSource, _ request: BuildRequest, _ options: PlanOptions
    ) async -> BuiltStages? {
        var all = outline
        for index in all.stages.indices { all.stages[index].isNeeded = true }
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        for need in all.imagesNeeded {
            guard let image = try? environment.images.resolve(need.reference.description) else { continue }
            bases[need.key] = PinnedBase(
                reference: need.reference, manifest: image.manifest.descriptor, config: image.config.value,
                layers: image.manifest.value.layers)
        }
        guard let snapshotter = try? environment.snapshotter(),
            let plan = try? Planner.plan(all, bases: bases, options: options)
        else { return nil }
        var cached = request
        cached.noCache = false
        cached.noCacheStages = []
        let prepared = Prepared(source: source, plan: plan, warnings: [])
        let tools = Tools(snapshotter: snapshotter, runtime: environment.runtime())
        guard let solver = try? solver(for: prepared, cached, tools, { _ in }) else { return nil }
        return BuiltStages(plan, await solver.knownResults(of: plan.graph), snapshotter: snapshotter)
    }
}

extension [Diagnostic] {
    /// By file and place; what points nowhere comes first.
    func inPlaceOrder() -> [Diagnostic] {
        enumerated().sorted { left, right in
            let (one, other) = (left.element.primary?.range.bytes.lowerBound ?? -1, right.element.primary?.range.bytes.lowerBound ?? -1)
            return (one, left.offset) < (other, right.offset)
        }.map(\.element)
    }
}
