/// How dive measures waste: for every path, all copies of it in all layers against the smallest of them.
///
/// Kept compatible, with its peculiarities, because budgets are written in its numbers: every copy counts, the last one
/// too; what a whiteout hides counts for directories and not for files; only leaves of each layer's own tree count.
/// `DeadBytes` is what could really be saved.
struct EfficiencyMeasure: Sendable {
    private struct Tally {
        var copies: Int32 = 0
        /// The layer counted last: a path counts once a layer.
        var layer: Int32 = -1
        var total: Int64 = 0
        var smallest: Int64 = 0
        /// What this layer added, should the layer name the path again.
        var latest: Int64 = 0
    }
    private var tallies: [Tally] = []

    mutating func note(_ id: PathTable.ID, size: Int64, layer: Int32, paths: Int) {
        while tallies.count < paths { tallies.append(Tally()) }
        var tally = tallies[Int(id)]
        if tally.layer == layer {
            // The last entry of a name is the one that counts.
            tally.total += size - tally.latest
            tally.smallest = tally.copies == 1 ? size : min(tally.smallest, size)
        } else {
            tally.smallest = tally.copies == 0 ? size : min(tally.smallest, size)
            tally.copies += 1
            tally.total += size
            tally.layer = layer
        }
        tally.latest = size
        tallies[Int(id)] = tally
    }

    /// 0 ... 1; 1 for an image without files.
    var score: Double {
        var smallest: Int64 = 0
        var total: Int64 = 0
        for tally in tallies where tally.copies > 0 {
            smallest += tally.smallest
            total += tally.total
        }
        return total == 0 ? 1 : Double(smallest) / Double(total)
    }

    /// Paths with several copies: the node, how many, and the bytes of all of them.
    var repeated: [(node: PathTable.ID, copies: Int, bytes: Int64)] {
        tallies.indices.compactMap { index in
            let tally = tallies[index]
            return tally.copies > 1 ? (PathTable.ID(index), Int(tally.copies), tally.total) : nil
        }
    }
}
