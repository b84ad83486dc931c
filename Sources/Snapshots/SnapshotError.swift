package import OCI
package import SystemPackage

/// What can be wrong with a snapshot or with a layer that is to become one.
package enum SnapshotError: Error, Hashable, Sendable {
    case missing(SnapshotID)
    case inUse(SnapshotID, by: String)
    /// Committed or discarded already, or taken by `recover` because its owner had let go.
    case finished(token: String)
    case damaged(SnapshotID, String)
    /// A layer's entry that is refused, and why.
    case refusedEntry(path: FilePath, reason: String)
    case wrongDiffID(expected: DiffID, found: DiffID)
}

extension SnapshotError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let id): "there is no snapshot \(id)"
        case .inUse(let id, let child): "snapshot \(id) cannot be removed: \(child) stands on it"
        case .finished(let token): "snapshot \(token) is no longer being written"
        case .damaged(let id, let what): "snapshot \(id) is damaged: \(what)"
        case .refusedEntry(let path, let reason): "the layer's entry \"\(path)\" is refused: \(reason)"
        case .wrongDiffID(let expected, let found):
            "the layer is not what its image says: expected \(expected), got \(found)"
        }
    }
}
