package import Archives
import HostSystem
import SystemPackage

/// Writes what a snapshot changed as a layer, read in place. The same changes give the same bytes: paths in byte order
/// directory by directory, no names of users, times as found or clamped.
package enum LayerExtraction {
    /// - Parameter clampTime: no file is younger than this, in seconds since 1970 (SOURCE_DATE_EPOCH).
    package static func write(
        _ changes: SnapshotChanges, to writer: inout LayerWriter, clampTime: Int64? = nil
    ) throws {
        let tree = try Directory(opening: changes.directory)
        var output = LayerOutput(tree: tree, clampTime: clampTime)
        if changes.includesRoot { try output.writeRoot(to: &writer) }
        switch changes.form {
        case .upper(let parent):
            var below = LowerView(parent)
            try TreeWalk.visit(tree, sorted: true) { entry in
                let attributes = try entry.extendedAttributes()
                if entry.metadata.isWhiteout || OverlayMarks.isWhiteout(entry.metadata, attributes) {
                    try writer.append(Whiteout.removed(entry.path))
                    return .skip
                }
                let path = entry.path
                try output.write(LayerOutput.Found(path, entry.metadata, attributes), to: &writer) { try entry.open() }
                // overlayfs marks every new directory; it means something only over an old one.
                if entry.metadata.kind == .directory, OverlayMarks.isOpaque(attributes), try below.hasDirectory(path) {
                    try writer.append(Whiteout.opaque(path))
                }
                return .descend
            }
        case .list(let list):
            for change in list {
                guard change.kind == .written else {
                    try writer.append(Whiteout.removed(change.path))
                    continue
                }
                let found = try LayerOutput.Found(
                    change.path, tree.metadata(at: change.path), tree.extendedAttributes(at: change.path))
                try output.write(found, to: &writer) {
                    try tree.openFile(at: change.path, options: [.read, .noFollow])
                }
            }
        }
    }
}

/// What lies below an upper directory, opened when first needed.
private struct LowerView {
    private let root: RootFilesystem?
    private var opened: Directory?
    init(_ root: RootFilesystem?) { self.root = root }

    mutating func hasDirectory(_ path: FilePath) throws -> Bool {
        guard let root else { return false }
        if opened == nil { opened = try root.open() }
        return (try? opened?.metadata(at: path).kind) == .directory
    }
}
