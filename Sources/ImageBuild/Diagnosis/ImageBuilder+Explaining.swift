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
        let tree = source.tree
        guard outline.needsContext else { return [] }
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
        let tree = source.tree
        let needed = outline.stages.filter(\.isNeeded).map(\.stage.index)
        let uncopied = UncopiedFiles(stages: outline.stages.map(\.stage), tree: tree)
        let check = try await BlockingPool.run {
            var check = SourceCheck(outline: outline, tree: tree)
            if outline.needsContext { try check.checkPlan(plan) }
            check.add(uncopied.warnings(of: needed))
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
            contextName: Self.contextName(of: request),
            built: await builtStages(outline, source, request, options) ?? BuiltStages())
    }

    private static func contextName(of request: BuildRequest) -> String {
        guard case .directory(let path) = request.context else { return "the context" }
        return path == "." ? "the current directory" : "\"\(path)\""
    }

    private static func contextPath(of request: BuildRequest, _ source: ContextSource) -> FilePath? {
        guard case .directory = request.context else { return nil }
        return try? source.tree.directory.resolvedPath()
    }

    /// Runs a build's steps. What fails is said with all that is known about it.
    func explaining<T>(_ prepared: Prepared, _ request: BuildRequest, _ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let failure as StepFailure {
            guard let better = await explained(failure, prepared, request) else { throw failure }
            throw ExplainedFailure(diagnostics: [better])
        }
    }

    private func explained(_ failure: StepFailure, _ prepared: Prepared, _ request: BuildRequest) async -> Diagnostic? {
        let step = prepared.plan.steps.first { $0.node == failure.node.id && $0.isNeeded }
        guard let step else { return nil }
        let (outline, source) = (prepared.outline, prepared.source)
        if let missing = missingSource(failure, step, prepared.plan, outline) {
            let diagnosis = await diagnosis(outline, source, request, prepared.options)
            return try? await BlockingPool.run { diagnosis.diagnostic(for: missing) }
        }
        guard var said = failure.diagnostics.first else { return nil }
        if failure.kept != nil { said.notes.append("the step's file system is kept: enter it with \"\(program) debug\"") }
        guard let run = failure.underlying as? RunFailure else { return said }
        let built = await builtStages(outline, source, request, prepared.options) ?? BuiltStages()
        let explanation = RunExplanation(
            failure: run, stage: step.stageIndex, origin: failure.node.origin, outline: outline, tree: source.tree,
            built: built, root: environment.root)
        return try? await BlockingPool.run { [said] in explanation.improved(said) }
    }

    private func missingSource(
        _ failure: StepFailure, _ step: PlannedStep, _ plan: PlannedBuild, _ outline: Outline
    ) -> MissingSource? {
        guard let error = failure.missingSource, let sources = failure.node.sources,
            sources.ranges.indices.contains(error.source), case .copy(let operation) = failure.node.operation
        else { return nil }
        let written = operation.selection.sources
        var missing = MissingSource(
            error: error, text: written.indices.contains(error.source) ? written[error.source] : error.pattern,
            range: sources.ranges[error.source], keyword: failure.node.keyword, stage: step.stageIndex,
            place: .other(sources.place), copy: nil)
        for case .files(let id, _) in failure.node.inputs {
            if case .context = plan.graph[id].operation { missing.place = .context }
        }
        // The plan cleans paths; the user reads what he wrote.
        if !missing.range.text.contains(where: { "$\"'\\".contains($0) }) { missing.text = missing.range.text }
        let stage = outline.stages[step.stageIndex]
        for (position, instruction) in stage.stage.instructions.enumerated() {
            guard case .copy(let copy) = instruction, copy.range == failure.node.origin else { continue }
            missing.copy = copy
            if case .stage(let index)? = stage.copyOrigins[position] { missing.place = .stage(index) }
        }
        return missing
    }

    /// Lines of the ignore file that keep less out than they seem to. Looked at only when files of the context were
    /// copied anew: an unchanged build does not walk it for that.
    func auditWarnings(_ prepared: Prepared, _ results: [Node.ID: StepResult]) async throws -> [Diagnostic] {
        let graph = prepared.plan.graph
        let copied = graph.nodes.contains { node in
            guard let result = results[node.id], !result.wasCached else { return false }
            return node.inputs.contains { input in
                guard case .files(let id, let selection) = input, case .context = graph[id].operation else { return false }
                // Whole directories; a file that is named is meant.
                return selection.sources.contains { [".", "/"].contains(PathCleaning.clean($0)) }
            }
        }
        let tree = prepared.source.tree
        guard copied, tree.ignore?.rules.isEmpty == false else { return [] }
        return try await BlockingPool.run { try ContextListing(of: tree).audit.topOnlyDiagnostics }
    }

    /// What is on disk of all stages, the unneeded ones too: a lost --from makes a stage unneeded.
    func builtStages(
        _ outline: Outline, _ source: ContextSource, _ request: BuildRequest, _ options: PlanOptions
    ) async -> BuiltStages? {
        guard let snapshotter = try? environment.snapshotter(),
            let known = try? await known(outline, source, request, options, snapshotter)
        else { return nil }
        return BuiltStages(known.plan, known.results, snapshotter: snapshotter)
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
