package import BuildPlan
import Diagnostics
import HostSystem
package import OCI
package import Snapshots

/// Walks a graph: derive the key, look it up, else perform. One task group whose loop owns all state.
package struct Solver: Sendable {
    package let environment: SolverEnvironment
    package let options: SolverOptions
    /// Which steps of the plan show a node.
    let steps: [Node.ID: [Int]]
    let events: @Sendable (BuildEvent) -> Void
    let bases: BaseUnpacking

    package init(
        environment: SolverEnvironment, options: SolverOptions, steps: [PlannedStep],
        events: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.environment = environment
        self.options = options
        self.events = events
        var ids: [Node.ID: [Int]] = [:]
        for step in steps { if let node = step.node { ids[node, default: []].append(step.id) } }
        self.steps = ids
        bases = BaseUnpacking(snapshotter: environment.snapshotter, blobs: environment.blobs)
    }

    /// Solves every node. The first failure cancels the rest and is thrown as `StepFailure`.
    package func solve(_ graph: BuildGraph) async throws -> [Node.ID: StepResult] {
        var schedule = Schedule(graph, limit: options.limit)
        var results: [Node.ID: StepResult] = [:]
        try await withThrowingTaskGroup(of: (Node.ID, StepResult).self) { group in
            while true {
                for action in schedule.next() {
                    guard case .start(let id) = action else { return }
                    let node = graph[id]
                    let known = results
                    group.addTask { (id, try await solve(node, results: known, graph: graph)) }
                }
                guard let (id, result) = try await group.next() else { return }
                results[id] = result
                schedule.completed(id)
            }
        }
        return results
    }

    private func solve(_ node: Node, results: [Node.ID: StepResult], graph: BuildGraph) async throws -> StepResult {
        do {
            try Task.checkCancellation()
            switch node.operation {
            case .base(let base):
                announce(node) { .started(id: $0) }
                announce(node) { .cached(id: $0) }
                return StepResult(base: base)
            case .context, .namedContext:
                return StepResult(snapshot: nil, identity: .scratch, record: nil, wasCached: true)
            case .fetch(let source):
                guard let identity = try await environment.remote.identity(of: source, fetching: true) else {
                    throw FetchFailure(code: "fetch-failed", message: "\(source.description) could not be fetched")
                }
                return StepResult(fetched: identity)
            case .copy, .run, .workdir:
                return try await StepSolver(solver: self, node: node, results: results, graph: graph).solve()
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            let failure = error as? StepFailure ?? StepFailure(node: node, underlying: error)
            announce(node) { .failed(id: $0, message: failure.diagnostics.first?.message ?? "\(error)") }
            throw failure
        }
    }

    func announce(_ node: Node, _ event: (Int) -> BuildEvent) {
        for id in steps[node.id] ?? [] { events(event(id)) }
    }
}

extension StepResult {
    /// Files that are known and not here yet.
    init(fetched identity: Digest) {
        self.init(snapshot: nil, identity: .fetched(identity), record: nil, wasCached: true)
    }

    init(base: BaseOperation) {
        let chain = base.chainID
        self.init(
            snapshot: chain.flatMap(SnapshotID.init(chain:)), identity: chain.map { .base($0) } ?? .scratch,
            record: nil, wasCached: true)
    }
}

extension SnapshotID {
    /// The snapshot of a stack of base layers.
    package init?(chain: ChainID) { self.init(name: "sha256-" + chain.digest.hex) }
}
