package import OCI

/// What is known of a layer once it is written.
package struct WrittenLayer: Sendable, Hashable {
    package var diffID: DiffID
    /// Of the blob as written: compressed, unless it was asked not to be.
    package var descriptor: Descriptor
    /// Bytes of the uncompressed tar.
    package var tarBytes: Int64
    /// Sum of the sizes of its files.
    package var unpackedBytes: Int64
    package var entries: Int

    package init(diffID: DiffID, descriptor: Descriptor, tarBytes: Int64, unpackedBytes: Int64, entries: Int) {
        self.diffID = diffID
        self.descriptor = descriptor
        self.tarBytes = tarBytes
        self.unpackedBytes = unpackedBytes
        self.entries = entries
    }
}
