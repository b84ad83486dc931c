package import BuildPlan
import HostSystem

/// What a build would do with a step, found out without doing it.
package enum Prediction: Sendable, Hashable {
    case cached
    /// `reason` is the first cause; `seconds` what the step cost last time, when that is known.
    case run(reason: String, seconds: Double?)
}

extension Solver {
    /// Looks every node up and performs none. A step whose inputs another step has yet to make runs because of that.
    package func predict(_ graph: BuildGraph) async throws -> [Node.ID: Prediction] {
        var predictions: [Node.ID: Prediction] = [:]
        var results: [Node.ID: StepResult] = [:]
        for node in graph.nodes {
            switch node.operation {
            case .base(let base):
                predictions[node.id] = .cached
                results[node.id] = StepResult(base: base)
            case .context, .namedContext:
                predictions[node.id] = .cached
                results[node.id] = StepResult(snapshot: nil, identity: .scratch, record: nil, wasCached: true)
            case .fetch(let source):
                predictions[node.id] = .cached
                do {
                    results[node.id] = try await environment.remote.identity(of: source, fetching: false).map(StepResult.init(fetched:))
                } catch let error as CancellationError { throw error } catch { throw StepFailure(node: node, underlying: error) }
            case .copy, .run, .workdir:
                let (prediction, result) = try await predict(node, results: results, graph: graph)
                predictions[node.id] = prediction
                results[node.id] = result
            }
        }
        return predictions
    }

    private func predict(
        _ node: Node, results: [Node.ID: StepResult], graph: BuildGraph
    ) async throws -> (Prediction, StepResult?) {
        let cost = try await environment.cache.latest(titled: node.title)?.seconds
        if options.uncached.contains(node.id) { return (.run(reason: "asked for with --no-cache", seconds: cost), nil) }
        for input in node.inputs where results[input.node] == nil {
            var reason = if case .root = input { "the step below it runs" } else { "the stage it copies from runs" }
            if case .fetch = graph[input.node].operation { reason = "what it fetches is new, or has changed" }
            return (.run(reason: reason, seconds: cost), nil)
        }
        let step = StepSolver(solver: self, node: node, results: results, graph: graph)
        do {
            switch try await step.lookUp() {
            case .hit(let result): return (.cached, result)
            case .miss(_, let explanation): return (.run(reason: explanation.reason, seconds: cost), nil)
            }
        } catch let error as CancellationError {
            throw error
        } catch { throw StepFailure(node: node, underlying: error) }
    }
}
