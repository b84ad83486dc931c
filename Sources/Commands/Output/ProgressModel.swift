package import BuildSolver
import Execution

/// What is known of a running build: the facts every display is drawn from.
package struct ProgressModel: Sendable {
    package enum Status: Sendable, Hashable {
        case pending
        case running(since: Double)
        case cached, done, failed, skipped
        var isRunning: Bool { if case .running = self { true } else { false } }
    }

    package struct Step: Sendable {
        package var step: BuildStep
        package var status = Status.pending
        /// The line its process wrote last.
        package var lastLine = ""
        /// The lines it wrote last, oldest first.
        package var tail: [String] = []
        var streams: [String: OutputLines] = [:]
        package init(_ step: BuildStep) { self.step = step }
    }

    /// By id.
    package private(set) var steps: [Int: Step] = [:]
    /// The stages in file order, with the ids of their steps.
    package private(set) var stages: [(name: String, steps: [Int])] = []
    /// Work beside the steps that is not done yet.
    package private(set) var activities: [(name: String, detail: String)] = []

    static let tailLength = 200

    package init() {}

    subscript(id: Int) -> Step? { steps[id] }

    func count(_ status: Status) -> Int { steps.values.count { $0.status == status } }

    /// Applies an event; the lines of output it completed.
    @discardableResult
    mutating func apply(_ event: BuildEvent, at time: Double) -> [String] {
        switch event {
        case .planned(let planned): plan(planned)
        case .skipped(let id, _): steps[id]?.status = .skipped
        case .started(let id): steps[id]?.status = .running(since: time)
        case .cached(let id): steps[id]?.status = .cached
        case .completed(let id, _, _, _):
            steps[id]?.status = .done
            return flush(id)
        case .failed(let id, _):
            steps[id]?.status = .failed
            return flush(id)
        case .output(let id, let output): return add(output, to: id)
        case .activity(let name, let detail, let done):
            let index = activities.firstIndex { $0.name == name }
            switch (index, done) {
            case (let index?, true): activities.remove(at: index)
            case (let index?, false): activities[index].detail = detail
            case (nil, false): activities.append((name, detail))
            case (nil, true): break
            }
        case .warning: break
        }
        return []
    }

    private mutating func plan(_ planned: [BuildStep]) {
        for step in planned {
            steps[step.id] = Step(step)
            // Steps of one stage need not follow each other.
            if let index = stages.firstIndex(where: { $0.name == step.stageLabel }) {
                stages[index].steps.append(step.id)
            } else {
                stages.append((step.stageLabel, [step.id]))
            }
        }
    }

    private mutating func add(_ output: ProcessOutput, to id: Int) -> [String] {
        guard steps[id] != nil else { return [] }
        let lines = steps[id]?.streams[output.stream.rawValue, default: OutputLines()].add(output.bytes) ?? []
        keep(lines, of: id)
        if let unfinished = steps[id]?.streams[output.stream.rawValue]?.unfinished, !unfinished.isEmpty {
            steps[id]?.lastLine = unfinished
        }
        return lines
    }

    /// The last lines of a process that did not end them.
    private mutating func flush(_ id: Int) -> [String] {
        guard let step = steps[id] else { return [] }
        var lines: [String] = []
        for name in step.streams.keys.sorted() {
            if let line = steps[id]?.streams[name]?.finish() { lines.append(line) }
        }
        keep(lines, of: id)
        return lines
    }

    private mutating func keep(_ lines: [String], of id: Int) {
        guard let last = lines.last(where: { !$0.isEmpty }) ?? lines.last else { return }
        if !last.isEmpty { steps[id]?.lastLine = last }
        steps[id]?.tail.append(contentsOf: lines)
        if let count = steps[id]?.tail.count, count > 2 * Self.tailLength {
            steps[id]?.tail.removeFirst(count - Self.tailLength)
        }
    }
}

extension BuildStep {
    /// The stage as people call it: a stage without a name is `stage-2`, counted from 0 as `COPY --from=2` does.
    var stageLabel: String { stage == String(stageIndex) ? "stage-\(stage)" : stage }
}
