package import Archives
import HostSystem
package import OCI
import SystemPackage

/// What applying a layer found out about it.
package typealias AppliedLayer = LayerReading

/// Turns a layer's blob into the content of a snapshot that is being written.
///
/// The blob is not trusted: every path is resolved inside the snapshot's root, attributes that belong to this host are
/// dropped, and nothing counts before the DiffID is verified. On any error, discard the snapshot.
package enum LayerApplication {
    /// - Parameters:
    ///   - layer: compressed or not.
    ///   - expecting: what the image says the uncompressed layer is; `SnapshotError.wrongDiffID` when it is not.
    package static func apply(
        _ layer: some ByteReader, expecting: DiffID?, to snapshot: WritableSnapshot, limits: TarLimits = TarLimits()
    ) throws -> AppliedLayer {
        var reader = LayerReader(layer, limits: limits)
        var target = try LayerTarget(snapshot.root, isBottom: snapshot.parent == nil)
        while let change = try reader.next() {
            switch change {
            case .entry(let entry): try target.add(entry, from: &reader)
            case .whiteout(let path): try target.remove(path)
            case .opaque(let directory): try target.removeAllBelow(directory)
            }
        }
        try target.finish()
        let found = try reader.finish()
        if let expecting, expecting != found.diffID {
            throw SnapshotError.wrongDiffID(expected: expecting, found: found.diffID)
        }
        return found
    }
}
