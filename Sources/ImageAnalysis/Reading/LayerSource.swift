package import Archives
package import OCI

/// A layer to analyse: what the image says of it, and how to read it.
package struct LayerSource: Sendable {
    package var diffID: DiffID
    /// As stored, mostly compressed. In a docker archive, the tar itself.
    package var blob: Descriptor
    /// Opens the stored bytes. Called once, on a thread that may block.
    package var open: @Sendable () throws -> any ByteReader

    package init(diffID: DiffID, blob: Descriptor, open: @escaping @Sendable () throws -> any ByteReader) {
        self.diffID = diffID
        self.blob = blob
        self.open = open
    }
}

/// Why an image could not be analysed.
package struct AnalysisError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// How much of an image from elsewhere is taken in before it is refused.
package struct AnalysisLimits: Sendable, Hashable {
    package var tar = TarLimits()
    /// Bytes of all paths and link targets of one layer.
    package var textBytes = 1 << 30
    package init() {}
}
