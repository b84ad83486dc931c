package import BuildPlan

extension Solver {
    /// The results that are there from earlier builds. Nothing is performed; what cannot be told, and what stands on it,
    /// is left out: for whoever explains a failure and must not fail himself.
    package func knownResults(of graph: BuildGraph) async -> [Node.ID: StepResult] {
        var results: [Node.ID: StepResult] = [:]
        for node in graph.nodes {
            switch node.operation {
            case .base(let base): results[node.id] = StepResult(base: base)
            case .context: results[node.id] = StepResult(snapshot: nil, identity: .scratch, record: nil, wasCached: true)
            default:
                guard node.inputs.allSatisfy({ results[$0.node] != nil }) else { continue }
                let step = StepSolver(solver: self, node: node, results: results, graph: graph)
                if case .hit(let result)? = try? await step.lookUp() { results[node.id] = result }
            }
        }
        return results
    }
}
