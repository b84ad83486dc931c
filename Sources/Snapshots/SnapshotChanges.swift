package import SystemPackage

/// What a snapshot changed against its parent: enough to write its layer.
package struct SnapshotChanges: Sendable {
    /// Holds the added and modified files themselves, read in place.
    package var directory: FilePath
    package init(directory: FilePath) { self.directory = directory }
}
