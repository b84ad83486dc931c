import BuildPlan
import PathPatterns
import Testing

@testable import BuildSolver

struct ScheduleTests {
    /// Two chains that meet: 0 → 1 → 4 and 2 → 3 → 4 (by files).
    private func diamond() -> BuildGraph {
        var graph = BuildGraph()
        let a = graph.node(.workdir(.init(path: "/a", owner: "")), origin: nil, title: "a")
        let b = graph.node(.workdir(.init(path: "/b", owner: "")), inputs: [.root(a)], origin: nil, title: "b")
        let c = graph.node(.workdir(.init(path: "/c", owner: "")), origin: nil, title: "c")
        let d = graph.node(.workdir(.init(path: "/d", owner: "")), inputs: [.root(c)], origin: nil, title: "d")
        let copy = CopyOperation(
            selection: FileSelection(sources: ["x"]), destination: "/x", destinationIsDirectory: false)
        _ = graph.node(
            .copy(copy), inputs: [.root(b), .files(d, copy.selection)], origin: nil, title: "copy")
        return graph
    }

    @Test func independentChainsRunTogetherAndTheMeetingPointWaits() {
        var schedule = Schedule(diamond(), limit: 2)
        #expect(schedule.next() == [.start(0), .start(2)])
        #expect(schedule.next() == [])
        schedule.completed(2)
        #expect(schedule.next() == [.start(3)])
        schedule.completed(3)
        #expect(schedule.next() == [])
        schedule.completed(0)
        #expect(schedule.next() == [.start(1)])
        schedule.completed(1)
        #expect(schedule.next() == [.start(4)])
        schedule.completed(4)
        #expect(schedule.next() == [.finished])
        #expect(schedule.next() == [])
    }

    @Test func theLimitHoldsAndReadyNodesStartInFileOrder() {
        var schedule = Schedule(diamond(), limit: 1)
        #expect(schedule.next() == [.start(0)])
        schedule.completed(0)
        #expect(schedule.next() == [.start(1)])
        schedule.completed(1)
        #expect(schedule.next() == [.start(2)])
    }

    @Test func anEmptyGraphIsFinishedAtOnce() {
        var schedule = Schedule(BuildGraph(), limit: 4)
        #expect(schedule.next() == [.finished])
    }

    @Test func equalWorkIsOneNode() {
        var graph = BuildGraph()
        let first = graph.node(.workdir(.init(path: "/a", owner: "")), origin: nil, title: "one")
        let second = graph.node(.workdir(.init(path: "/a", owner: "")), origin: nil, title: "two")
        #expect(first == second)
        #expect(graph.nodes.count == 1)
    }
}
