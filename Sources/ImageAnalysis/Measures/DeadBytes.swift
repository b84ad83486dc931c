/// Bytes that ship and that nobody can see: one layer brought them, a later one replaced or removed them. What a perfect
/// build would leave out.
package struct DeadBytes: Sendable, Hashable {
    /// Index of the layer they ship in.
    package var layer: Int
    /// Index of the layer that hid them.
    package var hiddenBy: Int
    package var bytes: Int64
    package var files: Int
    /// The largest of them, at most five.
    package var examples: [Example]

    package struct Example: Sendable, Hashable {
        package var path: String
        package var bytes: Int64
    }
}

/// Files of the finished image with the same bytes under different names, not being hard links.
package struct DuplicateFiles: Sendable, Hashable {
    /// At most ten.
    package var paths: [String]
    package var copies: Int
    /// Of one copy.
    package var bytes: Int64
    /// What one copy instead of all would save.
    package var savedBytes: Int64 { bytes * Int64(copies - 1) }
}

extension LayerStack {
    /// Largest first.
    func deadBytes() -> [DeadBytes] {
        struct Pair: Hashable {
            var layer: Int32
            var hiddenBy: Int32
        }
        var groups: [Pair: (bytes: Int64, files: Int, largest: [Content])] = [:]
        for content in contents where content.names == 0 && content.size > 0 {
            var group = groups[Pair(layer: content.layer, hiddenBy: content.endedBy)] ?? (0, 0, [])
            group.bytes += content.size
            group.files += 1
            if group.largest.count < 5 || content.size > group.largest[4].size {
                let index = group.largest.firstIndex { $0.size < content.size } ?? group.largest.count
                group.largest.insert(content, at: index)
                if group.largest.count > 5 { group.largest.removeLast() }
            }
            groups[Pair(layer: content.layer, hiddenBy: content.endedBy)] = group
        }
        return groups.map { pair, group in
            DeadBytes(
                layer: Int(pair.layer), hiddenBy: Int(pair.hiddenBy), bytes: group.bytes, files: group.files,
                examples: group.largest.map { .init(path: table.path(of: $0.node), bytes: $0.size) })
        }.sorted { ($0.bytes, $1.layer, $1.hiddenBy) > ($1.bytes, $0.layer, $0.hiddenBy) }
    }

    /// Those that would save most, first.
    func duplicates(most: Int) -> [DuplicateFiles] {
        let seen = contents.indices.filter { contents[$0].names > 0 && contents[$0].size > 0 }.sorted {
            let (left, right) = (contents[$0], contents[$1])
            return (left.hash.high, left.hash.low, $0) < (right.hash.high, right.hash.low, $1)
        }
        var groups: [(range: Range<Int>, saved: Int64)] = []
        var start = 0
        while start < seen.count {
            let first = contents[seen[start]]
            var end = start + 1
            while end < seen.count, contents[seen[end]].hash == first.hash, contents[seen[end]].size == first.size { end += 1 }
            if end - start > 1 { groups.append((start..<end, first.size * Int64(end - start - 1))) }
            start = end
        }
        return groups.sorted { ($0.saved, $1.range.lowerBound) > ($1.saved, $0.range.lowerBound) }.prefix(most).map { group in
            DuplicateFiles(
                paths: group.range.prefix(10).map { table.path(of: contents[seen[$0]].node) }, copies: group.range.count,
                bytes: contents[seen[group.range.lowerBound]].size)
        }
    }
}
