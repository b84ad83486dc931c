import BuildContext
import BuildPlan
import BuildSolver
import HostSystem
import OCI
import PathPatterns
import Snapshots
import SystemPackage

/// What is on disk of the stages of a file: of each the latest step that was ever built. Opened when somebody looks.
struct BuiltStages: Sendable {
    private struct Built: Sendable {
        var snapshot: SnapshotID
        /// The working directory there.
        var directory: String
    }

    private var stages: [Int: Built] = [:]
    private let snapshotter: (any Snapshotter)?

    /// Of which nothing is known.
    init() { snapshotter = nil }

    init(_ plan: PlannedBuild, _ results: [Node.ID: StepResult], snapshotter: any Snapshotter) {
        self.snapshotter = snapshotter
        var directories: [Int: String] = [:]
        for step in plan.steps {
            guard let id = step.node else { continue }
            switch plan.graph[id].operation {
            case .workdir(let operation): directories[step.stageIndex] = operation.path
            case .run(let operation): directories[step.stageIndex] = operation.workingDirectory
            default: break
            }
            guard let snapshot = results[id]?.snapshot, snapshotter.contains(snapshot) else { continue }
            stages[step.stageIndex] = Built(snapshot: snapshot, directory: directories[step.stageIndex] ?? "/")
        }
    }

    func directory(of stage: Int) -> String? { stages[stage]?.directory }

    func tree(of stage: Int) -> SourceTree? {
        guard let built = stages[stage], let root = try? snapshotter?.root(of: built.snapshot).open() else { return nil }
        return SourceTree(directory: root)
    }

    /// The absolute path under which a stage has what somebody wrote: seen from the stage's root, else, when the path is
    /// relative, from its working directory. Patterns count when they match something.
    func find(_ path: String, in stage: Int) -> String? {
        guard let built = stages[stage], let tree = tree(of: stage) else { return nil }
        let fromRoot = PathCleaning.clean("/" + path)
        guard fromRoot != "/" else { return nil }
        if Self.has(fromRoot, in: tree) { return fromRoot }
        guard !path.hasPrefix("/"), built.directory != "/" else { return nil }
        let inner = PathCleaning.clean(built.directory + "/" + path)
        return Self.has(inner, in: tree) ? inner : nil
    }

    private static func has(_ path: String, in tree: SourceTree) -> Bool {
        guard let matches = try? tree.resolve(FileSelection(sources: [path])) else { return false }
        return !matches.isEmpty
    }
}
