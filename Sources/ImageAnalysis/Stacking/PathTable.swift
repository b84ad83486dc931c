/// Every path of an image, once, as a tree of names: a node a path, found by its parent and its name.
struct PathTable: Sendable {
    typealias ID = Int32

    struct Node: Sendable {
        var parent: ID
        /// Where the name is in `text`.
        var name: UInt32
        var length: UInt16
        var firstChild: ID = -1
        var nextSibling: ID = -1
    }

    static let root: ID = 0
    private(set) var nodes: [Node] = [Node(parent: -1, name: 0, length: 0)]
    private var text: [UInt8] = []
    /// Open addressing over node ids; a power of two, at most half full.
    private var slots: [ID] = Array(repeating: -1, count: 1024)
    /// The directory of the path looked up last: entries come in the order of a walk.
    private var recent: (directory: [UInt8], id: ID) = ([], root)

    var count: Int { nodes.count }

    /// The node of a relative path without `.` and `..`; `.` is the root. Made when it is new, with all above it.
    mutating func node(for path: ArraySlice<UInt8>) -> ID {
        if path.count == 1, path.first == UInt8(ascii: ".") { return Self.root }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return child(of: Self.root, named: path) }
        let directory = path[..<slash]
        if !directory.elementsEqual(recent.directory) {
            var id = Self.root
            for name in directory.split(separator: UInt8(ascii: "/")) { id = child(of: id, named: name) }
            recent = (Array(directory), id)
        }
        return child(of: recent.id, named: path[(slash + 1)...])
    }

    /// The node of a path that is in the table; nil when it is not.
    func existing(_ path: ArraySlice<UInt8>) -> ID? {
        if path.count == 1, path.first == UInt8(ascii: ".") { return Self.root }
        var id = Self.root
        for name in path.split(separator: UInt8(ascii: "/")) {
            let found = slots[slot(of: id, name)]
            if found < 0 { return nil }
            id = found
        }
        return id
    }

    /// From the root, without a leading slash; the root itself is empty.
    func path(of id: ID) -> String {
        var names: [ArraySlice<UInt8>] = []
        var id = id
        while id > Self.root {
            names.append(name(of: id))
            id = nodes[Int(id)].parent
        }
        return String(decoding: Array(names.reversed().joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
    }

    func name(of id: ID) -> ArraySlice<UInt8> {
        let node = nodes[Int(id)]
        return text[Int(node.name)..<Int(node.name) + Int(node.length)]
    }

    private mutating func child(of parent: ID, named name: ArraySlice<UInt8>) -> ID {
        var slot = slot(of: parent, name)
        if slots[slot] >= 0 { return slots[slot] }
        let id = ID(nodes.count)
        var node = Node(parent: parent, name: UInt32(text.count), length: UInt16(truncatingIfNeeded: name.count))
        node.nextSibling = nodes[Int(parent)].firstChild
        nodes[Int(parent)].firstChild = id
        nodes.append(node)
        text.append(contentsOf: name)
        if nodes.count * 2 > slots.count {
            grow()
            slot = self.slot(of: parent, name)
        }
        slots[slot] = id
        return id
    }

    /// Where the child is, or would be put.
    private func slot(of parent: ID, _ name: ArraySlice<UInt8>) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: Self.hash(parent, name)) & mask
        while slots[index] >= 0 {
            let node = nodes[Int(slots[index])]
            if node.parent == parent, Int(node.length) == name.count, self.name(of: slots[index]).elementsEqual(name) { break }
            index = (index + 1) & mask
        }
        return index
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 4)
        let mask = slots.count - 1
        // The newest node is put in its place by who made it.
        for id in 1..<nodes.count - 1 {
            var index = Int(truncatingIfNeeded: Self.hash(nodes[id].parent, name(of: ID(id)))) & mask
            while slots[index] >= 0 { index = (index + 1) & mask }
            slots[index] = ID(id)
        }
    }

    /// Swift's hasher has a seed of its own in each process: whoever makes a layer cannot choose names that collide.
    private static func hash(_ parent: ID, _ name: ArraySlice<UInt8>) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(parent)
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
