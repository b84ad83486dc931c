package import OCI
package import Snapshots

/// What is known of a step that was performed: its result and how it came about.
package struct CacheRecord: Sendable, Codable, Hashable {
    package var key: Digest
    package var parts: [CacheKey.Part]
    package var title: String
    package var result: SnapshotID
    /// The snapshot the result stands on. A record whose parent is not the one at hand is a miss: parent and child
    /// can then never disagree.
    package var parent: SnapshotID?
    /// When the step ended, in seconds since 1970.
    package var created: Int64
    /// How long it took.
    package var seconds: Double
    /// Sum of the file sizes the step added, in bytes.
    package var bytes: Int64
    /// The step changed nothing: it makes no layer.
    package var isEmpty: Bool

    package init(key: CacheKey, title: String, result: SnapshotID, parent: SnapshotID?, outcome: Outcome) {
        self.key = key.digest
        self.parts = key.parts
        self.title = title
        self.result = result
        self.parent = parent
        self.created = outcome.created
        self.seconds = outcome.seconds
        self.bytes = outcome.bytes
        self.isEmpty = outcome.isEmpty
    }

    /// What performing a step measured.
    package struct Outcome: Sendable {
        package var created: Int64
        package var seconds: Double
        package var bytes: Int64
        package var isEmpty: Bool
        package init(created: Int64, seconds: Double, bytes: Int64, isEmpty: Bool) {
            self.created = created
            self.seconds = seconds
            self.bytes = bytes
            self.isEmpty = isEmpty
        }
    }
}
