import Archives
import BuildContext
import HostSystem

/// ADD of a local archive: its members go below the destination with the owners, modes and times they have in it.
struct ArchiveUnpacking {
    private let file: File
    private let owner: FileOwner?

    /// nil when the file is no tar archive, compressed or not: then ADD copies it as COPY does. Judged by content, not by
    /// name: the first header has to be one.
    init?(match: SourceMatch, tree: SourceTree, owner: FileOwner?) throws {
        let file = try tree.directory.openFile(at: match.path)
        var tar = TarReader(DecompressingReader(try FileByteReader(file)))
        guard let first = try? tar.next(), first.size >= 0 else { return nil }
        self.file = file
        self.owner = owner
    }

    func unpack(into target: Directory) throws {
        try file.seek(to: 0)
        var tar = TarReader(DecompressingReader(try FileByteReader(file)))
        var unpacker = ArchiveUnpacker(directory: target, owners: owner.map { .given($0) } ?? .asFound)
        while let entry = try tar.next() { try unpacker.add(entry, from: &tar) }
        try unpacker.finish()
    }
}
