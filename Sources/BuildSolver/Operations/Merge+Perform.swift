import BuildPlan
import HostSystem
import Snapshots

extension StepSolver {
    /// Stacks what a linked copy made on this step's root. No file is touched, however many there are.
    func merge(_ key: CacheKey, _ layer: StepResult) async throws -> CacheRecord {
        guard let files = layer.snapshot, let made = layer.record else { throw EmptySource() }
        let parentSnapshot: SnapshotID? = if let root = node.root { try await materialized(root) } else { nil }
        let clock = ContinuousClock()
        let start = clock.now
        let snapshotter = environment.snapshotter
        let result = SnapshotID.random()
        try await BlockingPool.run { try snapshotter.stack(files, on: parentSnapshot, as: result) }
        let record = CacheRecord(
            key: key, title: node.title, result: result, parent: parent?.snapshot,
            outcome: .init(
                created: environment.now(), seconds: (clock.now - start).inSeconds, bytes: made.bytes,
                isEmpty: made.isEmpty))
        try await environment.cache.save(record)
        return record
    }
}

/// A linked copy is two nodes and one step: the copy on an empty root, and the merge that users see.
enum LinkedStep {
    /// What a step says when it is done: of a merge whose copy ran as well, what the copy took and why it ran.
    static func told(
        _ record: CacheRecord, _ explanation: MissExplanation, layer: StepResult?
    ) -> (seconds: Double, reason: String) {
        guard let layer else { return (record.seconds, explanation.reason) }
        guard !layer.wasCached, let copied = layer.record else {
            return (record.seconds, "linked again, nothing copied: \(explanation.reason)")
        }
        return (copied.seconds + record.seconds, layer.reason ?? explanation.reason)
    }
}
