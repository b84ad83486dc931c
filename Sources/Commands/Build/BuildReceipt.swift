import Diagnostics
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
        try AtomicFile.write(Array((metadata.pretty + "\n").utf8), to: FilePath(path))
    }

    var metadata: JSONText {
        let total = report.ledger.total
        return .object([
            .init("containerimage.config.digest", .string(report.imageID.description)),
            .init("containerimage.digest", .string(report.manifest.digest.description)),
            .init(
                "containerimage.descriptor",
                .object([
                    .init("mediaType", .string(report.manifest.mediaType.rawValue)),
                    .init("digest", .string(report.manifest.digest.description)),
                    .init("size", .number(Int(report.manifest.size))),
                ])),
            .init("image.name", .string(report.references.map(\.description).joined(separator: ","))),
            .init("jettison.size", .number(Int(total.unpacked))),
            .init("jettison.compressedSize", .number(Int(total.compressed))),
            .init("jettison.seconds", .decimal(report.ledger.seconds)),
        ])
    }
}
