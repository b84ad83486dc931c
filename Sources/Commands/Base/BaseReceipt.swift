import ImageBuild
import OCI

/// What a base image is made of, as a person reads it: packages by size, then the totals.
struct BaseReceipt {
    var text: String

    init(_ report: BaseReport) {
        var table = Table(header: ["PACKAGE", "VERSION", "SIZE"], alignments: [.left, .left, .right])
        table.rows = report.packages.map { [$0.name, $0.version, ByteCount($0.installedBytes).description] }
        text = table.rendered()
        if !text.hasSuffix("\n") { text += "\n" }
        let count = report.packages.count
        text += "\n\(report.reference.familiar): \(count) package\(count == 1 ? "" : "s"), "
        text += "\(ByteCount(report.unpackedBytes)) unpacked, \(ByteCount(report.compressedBytes)) compressed\n"
        for note in report.notes { text += "note: \(note)\n" }
    }
}
