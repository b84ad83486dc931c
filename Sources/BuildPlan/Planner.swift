package import Diagnostics
import DockerfileSyntax
import OCI

/// Turns syntax, arguments and pinned bases into a graph of operations and an image config. Pure.
///
/// Two steps with one effect between them: `outline` says which images are needed, the caller pins them, `plan` does
/// the rest. ONBUILD triggers of a base are planned as if they stood below FROM.
package enum Planner {
    package static func plan(
        _ outline: Outline, bases: [ImageNeed.Key: PinnedBase], options: PlanOptions
    ) throws(DiagnosticsError) -> PlannedBuild {
        var planning = Planning(outline: outline, bases: bases, options: options)
        for index in outline.stages.indices where outline.stages[index].isNeeded { planning.planStage(index) }
        guard !planning.problems.contains(where: { $0.severity == .error }) else {
            throw DiagnosticsError(planning.problems)
        }
        return planning.result()
    }
}

/// A plan being made: the graph so far and how each stage ended.
struct Planning {
    let outline: Outline
    let bases: [ImageNeed.Key: PinnedBase]
    let options: PlanOptions
    var graph = BuildGraph()
    var ends: [Int: StageState] = [:]
    /// Steps of each stage: title, origin, node.
    var stepNodes: [Int: [(title: String, origin: SourceRange?, node: Node.ID?)]] = [:]
    var problems: [Diagnostic] = []
    private var warnedNames: Set<String> = []

    init(outline: Outline, bases: [ImageNeed.Key: PinnedBase], options: PlanOptions) {
        self.outline = outline
        self.bases = bases
        self.options = options
    }

    var arguments: ArgumentScope { outline.arguments }

    mutating func planStage(_ index: Int) {
        let stage = outline.stages[index]
        var state = start(of: stage)
        addStep(stage.stage.from.original, stage.stage.from.range, state.root, stage: index)
        lowerTriggers(of: &state, stage: index)
        for (position, instruction) in stage.stage.instructions.enumerated() {
            let site = LoweringSite(
                stage: index, copyOrigin: stage.copyOrigins[position], mountOrigins: stage.mountOrigins[position] ?? [:])
            do { try lower(instruction, at: site, state: &state) } catch { problems += error.diagnostics }
        }
        ends[index] = state
    }

    private mutating func start(of stage: Outline.StageOutline) -> StageState {
        switch stage.origin {
        case .scratch: return .scratch()
        case .stage(let index):
            var state = ends[index] ?? .scratch()
            // ARGs end with their stage; what a stage stands on is what it ends with.
            state.arguments = []
            state.commandIsOwn = false
            return state
        case .image(let need):
            guard let base = bases[need.key] else {
                problems.append(
                    Diagnostic(.error, "base-not-resolved", "no image for \(need.reference.familiar)", at: need.range))
                return .scratch()
            }
            var config = base.config.config ?? ContainerConfig()
            if config.env?.contains(where: { $0.hasPrefix("PATH=") }) != true {
                config.env = (config.env ?? []) + ["PATH=" + StageState.defaultPath]
            }
            var state = StageState(config: config, base: base, baseName: stage.baseName, root: nil)
            state.author = base.config.author
            state.root = baseNode(base, origin: need.range)
            return state
        }
    }

    mutating func baseNode(_ base: PinnedBase, origin: SourceRange) -> Node.ID? {
        guard !base.layers.isEmpty else { return nil }
        return graph.node(.base(base.operation), origin: origin, title: "FROM " + base.reference.familiar)
    }

    /// ONBUILD triggers run right after FROM, in the order the base recorded them, and are not inherited further.
    private mutating func lowerTriggers(of state: inout StageState, stage index: Int) {
        guard let triggers = state.config.onBuild, !triggers.isEmpty else { return }
        state.config.onBuild = nil
        guard case .image = outline.stages[index].origin else { return }
        let file = SourceFile(
            name: "ONBUILD of " + state.baseName, text: (["FROM scratch"] + triggers).joined(separator: "\n") + "\n")
        let parsed = DockerfileParser.parse(file)
        problems += parsed.diagnostics.filter { $0.severity == .error }
        for instruction in parsed.value.stages.first?.instructions ?? [] {
            do {
                var site = LoweringSite(stage: index)
                if case .copy(let copy) = instruction, let from = copy.from {
                    site.copyOrigin = try triggerOrigin(from, before: index)
                }
                if case .run(let run) = instruction {
                    for (position, mount) in run.mounts.enumerated() {
                        guard let from = mount.from else { continue }
                        site.mountOrigins[position] = try triggerOrigin(from, before: index)
                    }
                }
                try lower(instruction, at: site, state: &state)
            } catch { problems += error.diagnostics }
        }
    }

    private func triggerOrigin(_ from: Word, before index: Int) throws(DiagnosticsError) -> Outline.Origin {
        let earlier = outline.stages.prefix(index)
        if let stage = earlier.last(where: { $0.stage.name?.lowercased() == from.raw.lowercased() }), stage.isNeeded {
            return .stage(stage.stage.index)
        }
        throw DiagnosticsError(
            Diagnostic(.error, "onbuild-from", "the base's trigger copies from \"\(from.raw)\", which is not a stage built here",
                at: from.range, help: "name an earlier stage \"\(from.raw)\""))
    }

    mutating func addStep(_ title: String, _ origin: SourceRange?, _ node: Node.ID?, stage: Int) {
        stepNodes[stage, default: []].append((title, origin, node))
    }

    /// Expands a word with what the stage sees; undeclared names are warned of once.
    mutating func expand(_ word: Word, in state: StageState) throws(DiagnosticsError) -> String {
        let variables = state.variables
        var undefined: [UndefinedVariable] = []
        let result = try word.expanded(in: VariableScope(variables)) { undefined.append($0) }
        for variable in undefined { warn(of: variable, known: Array(variables.keys), state: state) }
        return result
    }

    mutating func warn(of variable: UndefinedVariable, known: [String], state: StageState) {
        let name = variable.name
        guard !state.arguments.contains(where: { $0.name == name }), warnedNames.insert(name).inserted else { return }
        var diagnostic = Diagnostic(
            .warning, "UndefinedVar", "variable \"\(name)\" is not set here and expands to nothing", at: variable.range)
        if arguments.globals.keys.contains(name) {
            diagnostic.help = "a global ARG reaches a stage only through \"ARG \(name)\" inside it"
        } else {
            diagnostic.help = Suggestion.question(for: name, among: known)
        }
        problems.append(diagnostic)
    }

    func result() -> PlannedBuild {
        let target = outline.target
        let state = ends[target] ?? .scratch()
        var config = state.config
        if !options.labels.isEmpty {
            var labels = config.labels ?? [:]
            for (name, value) in options.labels { labels[name] = value }
            config.labels = labels
        }
        let image = PlannedImage(
            platform: state.base.map(\.config.platform) ?? options.platform, baseName: state.baseName,
            base: state.base, config: config, author: state.author, steps: state.steps, node: state.root)
        let left = outline.stages.filter { $0.isNeeded && $0.stage.index != target && !isBelow($0.stage.index, target) }
            .map { PlannedStage(name: $0.displayName, index: $0.stage.index, node: ends[$0.stage.index]?.root) }
        return PlannedBuild(
            graph: graph, image: image, steps: steps(), leftBehind: left,
            warnings: problems.filter { $0.severity != .error })
    }

    /// Whether stage `lower` is what stage `upper` stands on: then its bytes ship.
    private func isBelow(_ lower: Int, _ upper: Int) -> Bool {
        guard case .stage(let index) = outline.stages[upper].origin else { return false }
        return index == lower || isBelow(lower, index)
    }

    private func steps() -> [PlannedStep] {
        var result: [PlannedStep] = []
        for stage in outline.stages {
            let planned = stage.isNeeded ? stepNodes[stage.stage.index] ?? [] : unplannedSteps(of: stage.stage)
            for (position, step) in planned.enumerated() {
                result.append(
                    PlannedStep(
                        id: result.count + 1, stage: stage.displayName, stageIndex: stage.stage.index,
                        position: position + 1, count: planned.count, title: step.title, origin: step.origin,
                        node: step.node, isNeeded: stage.isNeeded))
            }
        }
        return result
    }

    private func unplannedSteps(of stage: Stage) -> [(title: String, origin: SourceRange?, node: Node.ID?)] {
        var steps: [(title: String, origin: SourceRange?, node: Node.ID?)] = [
            (stage.from.original, stage.from.range, nil)
        ]
        for instruction in stage.instructions {
            switch instruction {
            case .run, .copy, .add, .workdir:
                steps.append((instruction.syntax.original, instruction.syntax.range, nil))
            default: break
            }
        }
        return steps
    }
}

/// Where an instruction stands while it is lowered.
struct LoweringSite {
    var stage: Int
    var copyOrigin: Outline.Origin?
    /// By the position of the mount.
    var mountOrigins: [Int: Outline.Origin] = [:]
}
