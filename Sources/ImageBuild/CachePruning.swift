import BuildSolver
package import ContentStorage
import HostSystem
import OCI
import Snapshots

/// Forgets steps of earlier builds, and removes the snapshots that nothing needs then.
package struct CachePruning: Sendable {
    private let environment: BuildEnvironment

    package init(environment: BuildEnvironment) { self.environment = environment }

    /// Images, what running builds use, and what kept steps stand on all stay.
    /// - Parameter all: every step; otherwise those that a later build of the same step replaced, and those whose
    ///   result is gone.
    package func prune(all: Bool) async throws -> GarbageCollection.Report {
        let snapshotter = try environment.snapshotter()
        try environment.recover(snapshotter)
        let failures = environment.failures(snapshotter)
        for failure in failures.all() { failures.remove(failure) }
        let cache = environment.cache
        var forgotten: [CacheRecord] = []
        var kept: [CacheRecord] = []
        for record in try cache.all() {
            let isLatest = try await cache.latest(titled: record.title)?.key == record.key
            if all || !isLatest || !snapshotter.contains(record.result) { forgotten.append(record) } else { kept.append(record) }
        }
        let dates = Dictionary(forgotten.map { ($0.result, $0.created) }, uniquingKeysWith: max)
        let environment = environment
        return try await BlockingPool.run { [kept, forgotten] in
            for record in forgotten { try cache.remove(record) }
            let needs = Needs(snapshots: Set(kept.map(\.result.name)))
            var report = try GarbageCollection(root: environment.root).collect(keeping: needs) { sweep in
                try Self.remove(sweep, from: snapshotter, dates: dates)
            }
            report.leftoverBytes += try RemoteStore.prune(root: environment.root, all: all)
            return report
        }
    }

    private static func remove(
        _ sweep: GarbageCollection.SnapshotSweep, from snapshotter: any Snapshotter, dates: [SnapshotID: Int64]
    ) throws -> GarbageCollection.SweptSnapshots {
        let present = try snapshotter.list()
        var parents: [SnapshotID: SnapshotID] = [:]
        var contents: [SnapshotID: SnapshotID] = [:]
        for id in present {
            parents[id] = try snapshotter.parent(of: id)
            contents[id] = try snapshotter.content(of: id)
        }
        // What it stands on, and the layers that stacked ones among them show.
        func lineage(_ id: SnapshotID) -> [SnapshotID] {
            let stack = Array(sequence(first: id) { parents[$0] })
            return stack + stack.compactMap { contents[$0] == $0 ? nil : contents[$0] }
        }
        // What somebody stands on is needed as well. While a build runs, only what was made before it goes.
        let isIdle = sweep.olderThan > .now
        let needed = present.filter { id in
            sweep.needed.contains(id.name) || !(isIdle || dates[id].map { $0 < sweep.olderThan.seconds } ?? false)
        }
        let kept = Set(needed.flatMap(lineage))
        // Children before what they stand on.
        let doomed = present.filter { !kept.contains($0) }.sorted { lineage($0).count > lineage($1).count }
        var removed: [(name: String, bytes: Int64)] = []
        for id in doomed {
            let bytes = contents[id] == id ? try snapshotter.changes(in: id).usage().bytes : 0
            try snapshotter.remove(id)
            removed.append((id.name, bytes))
        }
        return GarbageCollection.SweptSnapshots(removed: removed, kept: Set(kept.map(\.name)))
    }
}
