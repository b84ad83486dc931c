import OCI

/// Puts layers on top of each other, bottom first, and notes what each does to what is below it
/// (image-spec layer.md, "Applying Changesets").
struct LayerStack: Sendable {
    /// What is at a path now.
    private struct Live {
        var layer: Int32 = -1
        var entry: Int32 = -1
        /// Index into `contents`; -1: nothing that has bytes.
        var content: Int32 = -1
        var isThere: Bool { layer >= 0 }
    }

    /// The bytes of one file of one layer, however many names it has.
    struct Content: Sendable {
        var layer: Int32
        var node: PathTable.ID
        var size: Int64
        var hash: ContentHash
        /// Names that are still seen.
        var names: Int32 = 1
        /// The layer that took the last name away; -1: still seen.
        var endedBy: Int32 = -1
    }

    private(set) var table = PathTable()
    private(set) var listings: [LayerListing] = []
    private(set) var changes: [[ChangeRecord]] = []
    private(set) var contents: [Content] = []
    private(set) var efficiency = EfficiencyMeasure()
    private var live: [Live] = [Live()]
    /// How many paths below each are there: what nobody sees any more is never walked again.
    private var liveBelow: [Int32] = [0]
    /// The layer that last cleared what is below a path: once a layer is enough, whatever the order of its entries.
    private var clearMarks: [Int32] = [-1]
    /// The layer that last had something below a directory; says which directories are leaves of a layer's own tree.
    private var parentMarks: [Int32] = [-1]

    mutating func add(_ listing: LayerListing) {
        let layer = Int32(listings.count)
        listings.append(listing)
        changes.append([])
        changes[Int(layer)].reserveCapacity(listing.entries.count + listing.removed.count)
        // Whiteouts hide what is below, wherever in the layer they stand.
        for path in listing.emptied { empty(listing.bytes(path), by: layer) }
        for path in listing.removed { remove(listing.bytes(path), by: layer) }
        let nodes = listing.entries.map { place($0.path, listing) }
        mark(nodes, layer)
        for (index, entry) in listing.entries.enumerated() {
            put(entry, Int32(index), at: nodes[index], listing, layer)
        }
    }

    /// Files that are seen in the finished image and have bytes.
    var visible: some Sequence<Content> { contents.lazy.filter { $0.names > 0 && $0.size > 0 } }

    private mutating func place(_ path: Range<UInt32>, _ listing: LayerListing) -> PathTable.ID {
        let id = table.node(for: listing.bytes(path))
        while live.count < table.count {
            live.append(Live())
            liveBelow.append(0)
            clearMarks.append(-1)
            parentMarks.append(-1)
        }
        return id
    }

    private mutating func mark(_ nodes: [PathTable.ID], _ layer: Int32) {
        for id in nodes {
            var parent = table.nodes[Int(id)].parent
            while parent >= 0, parentMarks[Int(parent)] != layer {
                parentMarks[Int(parent)] = layer
                parent = table.nodes[Int(parent)].parent
            }
        }
    }

    private mutating func put(
        _ entry: LayerListing.Entry, _ index: Int32, at id: PathTable.ID, _ listing: LayerListing, _ layer: Int32
    ) {
        let before = live[Int(id)]
        if before.layer == layer, entry.kind == .directory { return }
        if entry.kind != .directory || parentMarks[Int(id)] != layer {
            efficiency.note(id, size: entry.size, layer: layer, paths: table.count)
        }
        var record = ChangeRecord(
            node: id, entry: index, entryLayer: layer, change: .added, modification: nil, size: entry.size)
        if before.isThere, before.layer != layer {
            record.change = .modified
            record.modification = modification(from: before, to: entry, listing)
        }
        changes[Int(layer)].append(record)
        if entry.kind != .directory, liveBelow[Int(id)] > 0 { _ = clear(below: id, by: layer, sparing: layer) }
        release(before.content, by: layer)
        set(Live(layer: layer, entry: index, content: content(of: entry, at: id, listing, layer)), at: id)
    }

    private mutating func content(
        of entry: LayerListing.Entry, at id: PathTable.ID, _ listing: LayerListing, _ layer: Int32
    ) -> Int32 {
        switch entry.kind {
        case .file:
            contents.append(Content(layer: layer, node: id, size: entry.size, hash: entry.content))
            return Int32(contents.count - 1)
        case .hardLink:
            guard let target = table.existing(listing.bytes(entry.link)), Int(target) < live.count else { return -1 }
            let content = live[Int(target)].content
            if content >= 0 {
                contents[Int(content)].names += 1
                contents[Int(content)].endedBy = -1
            }
            return content
        default: return -1
        }
    }

    private mutating func release(_ content: Int32, by layer: Int32) {
        guard content >= 0 else { return }
        contents[Int(content)].names -= 1
        if contents[Int(content)].names == 0 { contents[Int(content)].endedBy = layer }
    }

    private mutating func set(_ place: Live, at id: PathTable.ID) {
        let change: Int32 = (place.isThere ? 1 : 0) - (live[Int(id)].isThere ? 1 : 0)
        live[Int(id)] = place
        guard change != 0 else { return }
        var parent = table.nodes[Int(id)].parent
        while parent >= 0 {
            liveBelow[Int(parent)] += change
            parent = table.nodes[Int(parent)].parent
        }
    }

    private func kind(of place: Live) -> LayerListing.Kind {
        place.entry < 0 ? .directory : listings[Int(place.layer)].entries[Int(place.entry)].kind
    }

    private func modification(
        from before: Live, to entry: LayerListing.Entry, _ listing: LayerListing
    ) -> Modification {
        let below = listings[Int(before.layer)]
        let old = below.entries[Int(before.entry)]
        let oldKind = old.kind == .hardLink ? .file : old.kind
        let newKind = entry.kind == .hardLink ? .file : entry.kind
        guard oldKind == newKind else { return .content }
        if newKind == .symlink, below.bytes(old.link) != listing.bytes(entry.link) { return .content }
        if newKind == .file {
            // A hard link has the bytes, and the attributes, of what it names.
            guard entry.kind == .file, before.content >= 0 else { return .content }
            let content = contents[Int(before.content)]
            guard content.size == entry.size, content.hash == entry.content else { return .content }
            if old.kind == .hardLink { return .attributes }
        }
        if old.mode != entry.mode || old.uid != entry.uid || old.gid != entry.gid || old.attributes != entry.attributes {
            return .attributes
        }
        return old.modified != entry.modified ? .times : .nothing
    }

    private mutating func remove(_ path: ArraySlice<UInt8>, by layer: Int32) {
        guard let id = table.existing(path), id != PathTable.root else { return }
        let before = live[Int(id)]
        guard let size = takeAway(id, by: layer) else { return }
        // What dive adds up for a removed directory is everything in it, for a file nothing.
        let isDirectory = !before.isThere || kind(of: before) == .directory
        efficiency.note(id, size: isDirectory ? size : 0, layer: layer, paths: table.count)
    }

    private mutating func empty(_ directory: ArraySlice<UInt8>, by layer: Int32) {
        guard let id = table.existing(directory), clearMarks[Int(id)] != layer else { return }
        clearMarks[Int(id)] = layer
        guard liveBelow[Int(id)] > 0 else { return }
        var child = table.nodes[Int(id)].firstChild
        while child >= 0 {
            _ = takeAway(child, by: layer)
            child = table.nodes[Int(child)].nextSibling
        }
    }

    /// Takes away a path and everything below it, and notes it as removed; returns the bytes of the files that were
    /// seen, nil when there was nothing.
    private mutating func takeAway(_ id: PathTable.ID, by layer: Int32) -> Int64? {
        let before = live[Int(id)]
        guard before.isThere || liveBelow[Int(id)] > 0 else { return nil }
        var size = liveBelow[Int(id)] > 0 ? clear(below: id, by: layer, sparing: -1) : 0
        if before.content >= 0, kind(of: before) == .file { size += contents[Int(before.content)].size }
        release(before.content, by: layer)
        set(Live(), at: id)
        changes[Int(layer)].append(
            ChangeRecord(
                node: id, entry: before.entry, entryLayer: before.layer, change: .removed, modification: nil, size: size))
        return size
    }

    /// Takes away everything below a path but what `spared` brought; returns the bytes of the files that were seen.
    private mutating func clear(below id: PathTable.ID, by layer: Int32, sparing spared: Int32) -> Int64 {
        guard clearMarks[Int(id)] != layer else { return 0 }
        clearMarks[Int(id)] = layer
        var bytes: Int64 = 0
        var stack = [table.nodes[Int(id)].firstChild]
        while let next = stack.popLast() {
            guard next >= 0 else { continue }
            stack.append(table.nodes[Int(next)].nextSibling)
            if liveBelow[Int(next)] > 0 { stack.append(table.nodes[Int(next)].firstChild) }
            let there = live[Int(next)]
            guard there.isThere, there.layer != spared else { continue }
            if there.content >= 0, kind(of: there) == .file { bytes += contents[Int(there.content)].size }
            release(there.content, by: layer)
            set(Live(), at: next)
        }
        return bytes
    }
}
