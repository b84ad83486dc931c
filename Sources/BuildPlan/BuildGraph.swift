package import Diagnostics
package import PathPatterns

/// A piece of work and what it stands on.
package struct Node: Sendable {
    package typealias ID = Int

    /// What a node takes from another.
    package enum Input: Hashable, Sendable {
        /// The filesystem this builds on.
        case root(ID)
        /// Only these paths of it matter.
        case files(ID, FileSelection)

        package var node: ID {
            switch self {
            case .root(let id), .files(let id, _): id
            }
        }
    }

    package let id: ID
    package let operation: BuildOperation
    package let inputs: [Input]
    /// The instruction that asked for it first.
    package let origin: SourceRange?
    package let title: String
    /// Of a COPY or ADD: its sources in the file, in the order of the selection, and what they are looked for in.
    package let sources: Sources?
    /// Of a RUN: where each of its mounts is written, in their order.
    package let mounts: [MountPlace]

    /// A mount in the file.
    package struct MountPlace: Sendable {
        package var range: SourceRange
        /// The path it takes, if it names one.
        package var source: SourceRange?
        /// Where that is looked for: `stage "deps"`.
        package var place: String
        package init(range: SourceRange, source: SourceRange?, place: String) {
            self.range = range
            self.source = source
            self.place = place
        }
    }

    package struct Sources: Sendable {
        package var ranges: [SourceRange]
        /// `the build context`, `stage "deps"`.
        package var place: String
    }

    init(id: ID, operation: BuildOperation, inputs: [Input], provenance: Provenance) {
        self.id = id
        self.operation = operation
        self.inputs = inputs
        origin = provenance.origin
        title = provenance.title
        sources = provenance.sources
        mounts = provenance.mounts
    }

    /// Who asked for a node. Not part of its identity.
    package struct Provenance: Sendable {
        package var origin: SourceRange?
        package var title: String
        package var sources: Sources?
        package var mounts: [MountPlace]
        package init(origin: SourceRange?, title: String, sources: Sources? = nil, mounts: [MountPlace] = []) {
            self.origin = origin
            self.title = title
            self.sources = sources
            self.mounts = mounts
        }
    }

    package var root: ID? {
        for case .root(let id) in inputs { return id }
        return nil
    }
}

/// Nodes in an order in which every input comes before its user. Equal work is one node.
package struct BuildGraph: Sendable {
    package private(set) var nodes: [Node] = []
    private var interned: [Key: Node.ID] = [:]

    private struct Key: Hashable {
        var operation: BuildOperation
        var inputs: [Node.Input]
    }

    package init() {}

    /// The node for this work, made when it is new.
    package mutating func node(
        _ operation: BuildOperation, inputs: [Node.Input] = [], origin: SourceRange?, title: String
    ) -> Node.ID {
        node(operation, inputs: inputs, .init(origin: origin, title: title))
    }

    package mutating func node(
        _ operation: BuildOperation, inputs: [Node.Input], _ provenance: Node.Provenance
    ) -> Node.ID {
        let key = Key(operation: operation, inputs: inputs)
        if let known = interned[key] { return known }
        let node = Node(id: nodes.count, operation: operation, inputs: inputs, provenance: provenance)
        nodes.append(node)
        interned[key] = node.id
        return node.id
    }

    package subscript(id: Node.ID) -> Node { nodes[id] }
}
