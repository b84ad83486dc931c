import HostSystem
import ImageBuild
import OCI
import SystemPackage

/// What a build leaves for scripts besides its last line: `--iidfile` and `--metadata-file`.
struct BuildReceipt {
    let report: BuildReport

    func writeImageID(to path: String) throws {
        try AtomicFile.write(Array(report.imageID.description.utf8), to: FilePath(path))
    }

    /// buildx's keys, and the ledger's sums.
    func writeMetadata(to path: String) throws {
        try AtomicFile.write(Array((metadata.indented + "\n").utf8), to: FilePath(path))
    }

    var metadata: JSONText {
        let total = report.ledger.total
        return .object([
            ("containerimage.config.digest", .string(report.imageID.description)),
            ("containerimage.digest", .string(report.manifest.digest.description)),
            (
                "containerimage.descriptor",
                .object([
                    ("mediaType", .string(report.manifest.mediaType.rawValue)),
                    ("digest", .string(report.manifest.digest.description)),
                    ("size", .integer(report.manifest.size)),
                ])
            ),
            ("image.name", .string(report.references.map(\.description).joined(separator: ","))),
            ("jettison.size", .integer(total.unpacked)), ("jettison.compressedSize", .integer(total.compressed)),
            ("jettison.seconds", .seconds(report.ledger.seconds)),
        ])
    }
}
