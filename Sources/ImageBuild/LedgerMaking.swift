import BuildPlan
import BuildSolver
import ContentStorage
import HostSystem
import OCI
import Snapshots

/// Adds up what was shipped and what was left behind.
struct LedgerMaking {
    let plan: PlannedBuild
    let results: [Node.ID: StepResult]
    let layers: [Node.ID: LayerInfo]
    let environment: BuildEnvironment
    let snapshotter: any Snapshotter

    func ledger(seconds: Double) throws -> Ledger {
        let image = plan.image
        let rows = image.steps.compactMap { step -> Ledger.Row? in
            guard let node = step.node, let layer = layers[node] else { return nil }
            return Ledger.Row(title: step.title, line: step.line, size: size(of: layer))
        }
        let ran = Set(plan.steps.compactMap(\.node)).filter { results[$0].map { !$0.wasCached } ?? false }.count
        let countable = plan.steps.filter { $0.isNeeded && $0.node.flatMap { results[$0]?.record } != nil }
        return Ledger(
            baseName: image.baseName, base: try image.base.map(baseSize) ?? Ledger.Size(), rows: rows,
            jettisoned: try plan.leftBehind.map(jettisoned), skippedStages: skipped,
            cachedSteps: countable.filter { $0.node.flatMap { results[$0]?.wasCached } ?? false }.count, ranSteps: ran,
            seconds: seconds)
    }

    private var skipped: [String] {
        var names: [String] = []
        for step in plan.steps where !step.isNeeded && names.last != step.stage { names.append(step.stage) }
        return names
    }

    private func size(of layer: LayerInfo) -> Ledger.Size {
        Ledger.Size(unpacked: layer.unpackedBytes, compressed: layer.blobs.first?.size ?? 0)
    }

    private func baseSize(_ base: PinnedBase) throws -> Ledger.Size {
        let unpacked = try unpackedBytes(ofBase: base.config.rootfs.diffIDs)
        return Ledger.Size(unpacked: unpacked, compressed: base.layers.reduce(0) { $0 + $1.size })
    }

    private func unpackedBytes(ofBase diffIDs: [DiffID]) throws -> Int64 {
        var total: Int64 = 0
        var chain: ChainID?
        for diffID in diffIDs {
            let next = ChainID(chain, diffID)
            chain = next
            if let known = environment.layers.info(for: diffID)?.unpackedBytes {
                total += known
            } else if let id = SnapshotID(chain: next), snapshotter.contains(id) {
                total += try snapshotter.changes(in: id).usage().bytes
            }
        }
        return total
    }

    /// A stage's bytes: its base and what each of its steps added.
    private func jettisoned(_ stage: PlannedStage) throws -> Ledger.Jettisoned {
        var bytes: Int64 = 0
        var baseBytes: Int64 = 0
        var next = stage.node
        while let id = next {
            let node = plan.graph[id]
            if case .base(let base) = node.operation { baseBytes = try unpackedBytes(ofBase: base.diffIDs) }
            bytes += results[id]?.record?.bytes ?? 0
            next = node.root
        }
        return Ledger.Jettisoned(stage: stage.name, bytes: bytes + baseBytes, baseBytes: baseBytes)
    }
}
