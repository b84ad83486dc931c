import Diagnostics
import HostSystem
import ImageBuild
import OCI
import SystemPackage

/// What a build leaves for scripts besides its last line: `--iidfile` and `--metadata-file`.
struct BuildReceipt {
    let report: BuildReport

    func writeImageID(to path: String) throws {
        try ReceiptFile(path: path).write(report.imageID.description)
    }

    /// buildx's keys, and the ledger's sums.
    func writeMetadata(to path: String) throws {
        try ReceiptFile(path: path).write(metadata.pretty + "\n")
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
            .init("jettison.bases", .array(report.bases.map { .string($0.description) })),
            .init("jettison.size", .number(Int(total.unpacked))),
            .init("jettison.compressedSize", .number(Int(total.compressed))),
            .init("jettison.seconds", .decimal(report.ledger.seconds)),
        ])
    }
}

/// A file named on the command line. Written in place: it may be a pipe or `/dev/stdout`, which nothing may replace.
struct ReceiptFile {
    let path: String

    /// Empties what is there, when it is a plain file.
    func clear() {
        guard (try? FileMetadata(at: FilePath(path)))?.kind == .file else { return }
        try? write("")
    }

    func write(_ text: String) throws {
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter { _ = try file.writeAll(Array(text.utf8)) }
        } catch let code as Errno { throw SystemError("write", path: path, code: code) }
    }
}
