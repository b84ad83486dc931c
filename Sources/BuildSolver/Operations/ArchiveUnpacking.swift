import Archives
import BuildContext
import HostSystem
import SystemPackage

/// ADD of a local archive: its members go below the destination with the owners, modes and times they have in it.
struct ArchiveUnpacking {
    private let file: File
    private let owner: FileOwner?
    private let match: SourceMatch

    /// nil when the file is no tar archive, compressed or not: then ADD copies it as COPY does. Judged by content, not by
    /// name: the first header has to be one.
    init?(match: SourceMatch, tree: SourceTree, owner: FileOwner?) throws {
        let file = try tree.directory.openFile(at: match.path)
        var tar = TarReader(DecompressingReader(try FileByteReader(file)))
        guard let first = try? tar.next(), first.size >= 0 else { return nil }
        self.file = file
        self.owner = owner
        self.match = match
    }

    func unpack(into target: Directory) throws {
        try file.seek(to: 0)
        var tar = TarReader(DecompressingReader(try FileByteReader(file)))
        var unpacker = ArchiveUnpacker(directory: target, owners: owner.map { .given($0) } ?? .asFound)
        do {
            while let entry = try tar.next() {
                guard !Self.leadsOut(entry.path) else { throw unusable("\"\(entry.path)\" leads out of the destination") }
                try unpacker.add(entry, from: &tar)
            }
        } catch let error as TarError {
            throw unusable("\(error)")
        } catch let error as CompressionError {
            throw unusable("\(error)")
        }
        try unpacker.finish()
    }

    private func unusable(_ reason: String) -> UnusableArchive {
        UnusableArchive(name: match.matchedPath.string, reason: reason, source: match.source)
    }

    /// Whether more `..` than names come before some part of it. Links are another matter: they are followed inside.
    private static func leadsOut(_ path: FilePath) -> Bool {
        var depth = 0
        for component in path.components {
            switch component.kind {
            case .currentDirectory: continue
            case .parentDirectory: depth -= 1
            case .regular: depth += 1
            }
            if depth < 0 { return true }
        }
        return false
    }
}
