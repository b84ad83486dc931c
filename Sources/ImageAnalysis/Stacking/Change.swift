/// What a layer does to a path.
package enum ChangeKind: String, Sendable, Hashable { case added, modified, removed }

/// In what a path differs from what the layers below have there.
package enum Modification: String, Sendable, Hashable {
    /// Other bytes, or another kind of thing.
    case content
    /// The same bytes: mode, owner or extended attributes changed, and all bytes ship again.
    case attributes
    /// Only the time: all bytes ship again.
    case times
    /// Nothing at all: all bytes ship again.
    case nothing
}

/// One path that a layer touches.
package struct FileChange: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case file, directory, symlink, hardLink, characterDevice, blockDevice, fifo
    }
    /// From the root, without a leading slash.
    package var path: String
    package var kind: Kind
    package var change: ChangeKind
    /// Of what was modified: how.
    package var modification: Modification?
    /// Bytes that the layer ships for it. Of what is removed: the bytes below that nobody sees any more.
    package var size: Int64
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Where a symlink points, which file a hard link is.
    package var linkName: String?
}

/// The same, as it is kept: a million of them fit in memory.
struct ChangeRecord: Sendable {
    var node: PathTable.ID
    /// The entry in the layer's listing; of what is removed, the entry below (-1: a directory nobody wrote).
    var entry: Int32
    /// The layer of that entry.
    var entryLayer: Int32
    var change: ChangeKind
    var modification: Modification?
    var size: Int64
}
