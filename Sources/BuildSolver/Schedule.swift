package import BuildPlan

/// Which node may start when. Pure: the solver performs the actions and feeds back what happened.
package struct Schedule: Sendable {
    package enum Action: Hashable, Sendable {
        case start(Node.ID)
        /// Everything is done.
        case finished
    }

    private var waiting: [Node.ID: Int] = [:]
    private var users: [Node.ID: [Node.ID]] = [:]
    private var ready: [Node.ID] = []
    private var running = 0
    private var remaining: Int
    private let limit: Int
    private var announcedEnd = false

    /// `limit` nodes run at once, at least one. Ready nodes start in graph order: file order.
    package init(_ graph: BuildGraph, limit: Int) {
        self.limit = max(1, limit)
        remaining = graph.nodes.count
        for node in graph.nodes {
            let inputs = Set(node.inputs.map(\.node))
            waiting[node.id] = inputs.count
            for input in inputs { users[input, default: []].append(node.id) }
            if inputs.isEmpty { ready.append(node.id) }
        }
    }

    /// What to do now; empty while everything ready is running.
    package mutating func next() -> [Action] {
        var actions: [Action] = []
        while running < limit, !ready.isEmpty {
            actions.append(.start(ready.removeFirst()))
            running += 1
        }
        if remaining == 0, !announcedEnd {
            announcedEnd = true
            actions.append(.finished)
        }
        return actions
    }

    package mutating func completed(_ id: Node.ID) {
        running -= 1
        remaining -= 1
        for user in users[id] ?? [] {
            waiting[user, default: 1] -= 1
            if waiting[user] == 0 { insert(user) }
        }
    }

    private mutating func insert(_ id: Node.ID) {
        let position = ready.firstIndex { $0 > id } ?? ready.count
        ready.insert(id, at: position)
    }
}
