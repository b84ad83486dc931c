import BuildContext
import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

/// Looks the sources of the needed stages up in the context before anything is fetched or built: a file that is not there
/// fails a build at once, not after ten minutes of RUN.
struct SourceCheck {
    let outline: Outline
    let tree: SourceTree
    private(set) var missing: [MissingSource] = []
    private(set) var warnings: [Diagnostic] = []

    init(outline: Outline, tree: SourceTree) {
        self.outline = outline
        self.tree = tree
    }

    mutating func add(_ more: [Diagnostic]) { warnings += more }

    /// Sources without variables, straight from the text: no base image is needed to know them.
    mutating func checkText() throws {
        for stage in outline.stages where stage.isNeeded {
            for (position, instruction) in stage.stage.instructions.enumerated() {
                switch instruction {
                case .copy(let copy) where stage.copyOrigins[position] == nil && copy.from == nil:
                    try check(copy.sources, copy.excludes, "COPY", stage.stage.index, copy)
                case .add(let add):
                    try check(add.sources, add.excludes, "ADD", stage.stage.index, nil)
                default: break
                }
            }
        }
    }

    private mutating func check(
        _ sources: [Word], _ excludes: [Word], _ keyword: String, _ stage: Int, _ copy: Copy?
    ) throws {
        for word in sources where !word.raw.contains("$") && !Self.isRemote(word.raw) {
            guard let text = try? word.expanded(in: VariableScope()), !text.isEmpty else { continue }
            try look(for: text, at: word.range, keyword, stage, copy)
        }
    }

    /// Sources with variables, and those of ONBUILD triggers, from the plan.
    mutating func checkPlan(_ plan: PlannedBuild) throws {
        for step in plan.steps {
            guard step.isNeeded, let id = step.node, case .copy(let operation) = plan.graph[id].operation,
                let sources = plan.graph[id].sources
            else { continue }
            for case .files(let source, _) in plan.graph[id].inputs {
                guard case .context = plan.graph[source].operation else { continue }
                for (text, range) in zip(operation.selection.sources, sources.ranges)
                where range.text.contains("$") || range.file !== outline.dockerfile.file {
                    let keyword = step.title.prefix { $0 != " " }.uppercased()
                    try look(for: text, at: range, keyword, step.stageIndex, nil)
                }
            }
        }
    }

    private mutating func look(
        for text: String, at range: SourceRange, _ keyword: String, _ stage: Int, _ copy: Copy?
    ) throws {
        do {
            let matches = try tree.resolve(FileSelection(sources: [text]))
            guard matches.isEmpty else { return }
            warnings.append(
                Diagnostic(
                    .warning, "copy-pattern-empty", "no file in the build context matches \"\(text)\"", at: range,
                    "\(keyword) copies nothing for it",
                    help: "remove the pattern, or \"jettison context ls\" shows what there is"))
        } catch let error as SourceNotFound {
            missing.append(
                MissingSource(
                    error: error, text: text, range: range, keyword: keyword, stage: stage, place: .context, copy: copy))
        } catch is MalformedPattern {
            // Said by the step itself, in its own words.
        }
    }

    private static func isRemote(_ text: String) -> Bool { text.contains("://") || text.hasPrefix("git@") }
}

extension Node {
    /// `COPY`.
    var keyword: String { title.prefix { $0 != " " }.uppercased() }
}
