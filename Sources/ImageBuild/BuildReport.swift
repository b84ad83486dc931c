package import Diagnostics
package import OCI

/// What a build made.
package struct BuildReport: Sendable {
    /// The config's digest: what docker calls the image id.
    package var imageID: Digest
    package var manifest: Descriptor
    /// Tags that now point at it.
    package var references: [Reference]
    package var ledger: Ledger
    package var warnings: [Diagnostic]
    /// The images it was built from, each with the digest it stood for.
    package var bases: [Reference]

    package init(
        imageID: Digest, manifest: Descriptor, references: [Reference], ledger: Ledger, warnings: [Diagnostic],
        bases: [Reference] = []
    ) {
        self.imageID = imageID
        self.manifest = manifest
        self.references = references
        self.ledger = ledger
        self.warnings = warnings
        self.bases = bases
    }
}

/// What was shipped and what was jettisoned. All sizes in bytes.
package struct Ledger: Sendable {
    package struct Size: Sendable, Hashable {
        /// Sum of the file sizes in the layers, as they stand on disk.
        package var unpacked: Int64
        /// As pushed.
        package var compressed: Int64
        package init(unpacked: Int64 = 0, compressed: Int64 = 0) {
            self.unpacked = unpacked
            self.compressed = compressed
        }
        package static func + (left: Size, right: Size) -> Size {
            Size(unpacked: left.unpacked + right.unpacked, compressed: left.compressed + right.compressed)
        }
    }
    /// A layer that one of the final stage's instructions made.
    package struct Row: Sendable {
        package var title: String
        package var line: Int?
        package var size: Size
        package init(title: String, line: Int?, size: Size) {
            self.title = title
            self.line = line
            self.size = size
        }
    }
    /// A stage that was built and left behind.
    package struct Jettisoned: Sendable {
        package var stage: String
        /// Unpacked bytes of the whole stage, its base included.
        package var bytes: Int64
        /// Of these, the base's.
        package var baseBytes: Int64
        package init(stage: String, bytes: Int64, baseBytes: Int64) {
            self.stage = stage
            self.bytes = bytes
            self.baseBytes = baseBytes
        }
    }

    /// The final stage's base image as written, or `scratch`.
    package var baseName: String
    package var base: Size
    package var rows: [Row]
    package var jettisoned: [Jettisoned]
    /// Stages nothing asked for.
    package var skippedStages: [String]
    package var cachedSteps: Int
    package var ranSteps: Int
    package var seconds: Double

    package var yours: Size { rows.reduce(Size()) { $0 + $1.size } }
    package var total: Size { base + yours }

    package init(
        baseName: String, base: Size, rows: [Row], jettisoned: [Jettisoned], skippedStages: [String],
        cachedSteps: Int, ranSteps: Int, seconds: Double
    ) {
        self.baseName = baseName
        self.base = base
        self.rows = rows
        self.jettisoned = jettisoned
        self.skippedStages = skippedStages
        self.cachedSteps = cachedSteps
        self.ranSteps = ranSteps
        self.seconds = seconds
    }
}
