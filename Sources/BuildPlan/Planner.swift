package import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

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
        // The triggers are the stage's first instructions by now; they are not inherited further.
        state.config.onBuild = nil
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
        case .context(let key): return contextState(key, stage)
        case .stage(let index):
            var state = ends[index] ?? .scratch()
            // What a stage stands on is what it ends with, its build arguments included (Dockerfile reference, "Scope").
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
            if let directory = config.workingDir, !directory.isEmpty {
                config.workingDir = PathCleaning.clean("/" + directory)
            }
            var state = StageState(config: config, base: base, baseName: stage.baseName, root: nil)
            state.author = base.config.author
            state.root = baseNode(base, origin: need.range)
            return state
        }
    }

    /// A stage whose files are a named context's: they are copied, once, onto nothing.
    private mutating func contextState(_ key: String, _ stage: Outline.StageOutline) -> StageState {
        var state = StageState.scratch()
        state.baseName = stage.baseName
        let selection = FileSelection(sources: ["."])
        let operation = CopyOperation(selection: selection, destination: "/", destinationIsDirectory: true)
        let (range, title) = (stage.stage.from.range, "FROM context " + key)
        let node = graph.node(
            .copy(operation), inputs: [.files(graph.node(.namedContext(key), origin: range, title: title), selection)], origin: range,
            title: title)
        state.root = node
        state.steps.append(PlannedImage.Step(createdBy: title, line: range.line, title: title, node: node))
        return state
    }

    mutating func baseNode(_ base: PinnedBase, origin: SourceRange) -> Node.ID? {
        guard !base.layers.isEmpty else { return nil }
        return graph.node(.base(base.operation), origin: origin, title: "FROM " + base.reference.familiar)
    }

    mutating func addStep(_ title: String, _ origin: SourceRange?, _ node: Node.ID?, stage: Int) {
        stepNodes[stage, default: []].append((title, origin, node))
    }

    /// Expands a word with what the stage sees; undeclared names are warned of once.
    mutating func expand(_ word: Word, in state: StageState) throws(DiagnosticsError) -> String {
        var undefined: [UndefinedVariable] = []
        let result = try word.expanded(in: state.scope) { undefined.append($0) }
        for variable in undefined { warn(of: variable, state: state) }
        return result
    }

    /// The same, split at the spaces that are not quoted.
    mutating func expandWords(_ word: Word, in state: StageState) throws(DiagnosticsError) -> [String] {
        var undefined: [UndefinedVariable] = []
        let result = try word.expandedWords(in: state.scope) { undefined.append($0) }
        for variable in undefined { warn(of: variable, state: state) }
        return result
    }

    /// The body of a heredoc of COPY and ADD.
    mutating func expand(_ heredoc: Heredoc, in state: StageState) throws(DiagnosticsError) -> String {
        var undefined: [UndefinedVariable] = []
        let result = try heredoc.expanded(in: state.scope) { undefined.append($0) }
        for variable in undefined { warn(of: variable, state: state) }
        return result
    }

    mutating func warn(of variable: UndefinedVariable, state: StageState) {
        let name = variable.name
        guard !name.isEmpty, !state.isDeclared(name), warnedNames.insert(name).inserted else { return }
        var diagnostic = Diagnostic(
            .warning, "UndefinedVar", "variable \"\(name)\" is not set here and expands to nothing", at: variable.range)
        if arguments.globals.contains(name) {
            diagnostic.help = "a global ARG reaches a stage only through \"ARG \(name)\" inside it"
        } else if arguments.scope[name] != nil {
            diagnostic.help = "every build knows it, but a stage sees it only after \"ARG \(name)\""
        } else if warnedNames.count <= Outline.suggestionLimit {
            diagnostic.help = Suggestion.question(for: name, among: state.scope.names)
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
        let below = stagesBelow(target)
        let left = outline.stages.filter { $0.isNeeded && !below.contains($0.stage.index) }
            .map { PlannedStage(name: $0.displayName, index: $0.stage.index, node: ends[$0.stage.index]?.root) }
        return PlannedBuild(
            graph: graph, image: image, steps: steps(), leftBehind: left,
            warnings: outline.warnings + problems.filter { $0.severity != .error })
    }

    /// A stage and the stages it stands on, whose bytes ship with it.
    private func stagesBelow(_ index: Int) -> Set<Int> {
        var found: Set<Int> = [index]
        var next = index
        while case .stage(let lower) = outline.stages[next].origin, found.insert(lower).inserted { next = lower }
        return found
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
                steps.append((instruction.syntax.title, instruction.syntax.range, nil))
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
