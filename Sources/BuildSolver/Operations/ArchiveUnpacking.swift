import Archives
import BuildContext
import HostSystem
import SystemPackage

/// ADD of a local archive: its members go below the destination with the owners, modes and times they have in it.
///
/// Names are confined: `..` is clamped at the destination, links are followed inside the new root only.
struct ArchiveUnpacking {
    private let file: File
    private let owner: FileOwner?

    /// nil when the file is no tar archive, compressed or not: then ADD copies it as COPY does.
    init?(match: SourceMatch, tree: SourceTree, owner: FileOwner?) throws {
        let file = try tree.directory.openFile(at: match.path)
        guard Self.isArchive(file) else { return nil }
        try file.seek(to: 0)
        self.file = file
        self.owner = owner
    }

    /// By content, not by name: the first header has to be one.
    private static func isArchive(_ file: File) -> Bool {
        guard let reader = try? FileByteReader(file) else { return false }
        var tar = TarReader(DecompressingReader(reader))
        return ((try? tar.next()) ?? nil) != nil
    }

    func unpack(into target: Directory) throws {
        var tar = TarReader(DecompressingReader(try FileByteReader(file)))
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var directories: [(path: FilePath, entry: TarEntry)] = []
        while let entry = try tar.next() {
            let path = Self.confined(entry.path)
            guard let name = path.lastComponent else { continue }
            let above = path.removingLastComponent()
            let parent = above.isEmpty ? target : try target.createDirectories(at: above)
            let here = FilePath(root: nil, [name])
            if case .directory = entry.kind {
                if (try? parent.metadata(at: here))?.kind != .directory {
                    try parent.removeTree(here)
                    try parent.createDirectory(at: here, mode: 0o755)
                }
                directories.append((path, entry))
                continue
            }
            try parent.removeTree(here)
            try create(entry, at: here, in: parent, root: target)
            if case .file = entry.kind {
                let made = try parent.openFile(at: here, options: .write)
                while case let count = try buffer.withUnsafeMutableBytes({ try tar.read(into: $0) }), count > 0 {
                    try buffer.withUnsafeBytes { try made.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                }
            }
            try finish(entry, at: here, in: parent)
        }
        // A directory's time changes with each of its entries, and a read-only one must be filled first.
        for (path, entry) in directories.reversed() where (try? target.metadata(at: path))?.kind == .directory {
            try finish(entry, at: path, in: target)
        }
    }

    private func create(_ entry: TarEntry, at path: FilePath, in parent: Directory, root: Directory) throws {
        switch entry.kind {
        case .directory: break
        case .file: _ = try parent.createFile(at: path, mode: 0o600)
        case .symlink(let link): try parent.createSymlink(at: path, target: link)
        case .hardLink(let first): try parent.createHardLink(at: path, to: Self.confined(first), in: root)
        case .fifo: try parent.createFifo(at: path, mode: entry.mode & 0o7777)
        case .characterDevice(let major, let minor):
            try parent.createDevice(at: path, mode: entry.mode & 0o7777, major: major, minor: minor)
        case .blockDevice(let major, let minor):
            try parent.createDevice(at: path, isBlock: true, mode: entry.mode & 0o7777, major: major, minor: minor)
        }
    }

    private func finish(_ entry: TarEntry, at path: FilePath, in parent: Directory) throws {
        if case .hardLink = entry.kind { return }
        try parent.setOwner(at: path, uid: owner?.uid ?? entry.uid, gid: owner?.gid ?? entry.gid)
        if case .symlink = entry.kind {} else {
            try parent.setMode(at: path, entry.mode & 0o7777)
            for (key, value) in entry.extendedAttributes where key.hasPrefix("user.") || key == "security.capability" {
                try parent.setExtendedAttribute(key, to: value, at: path)
            }
        }
        try parent.setTimes(at: path, modified: entry.modified)
    }

    private static func confined(_ path: FilePath) -> FilePath {
        var result = FilePath()
        for component in path.components {
            switch component.kind {
            case .currentDirectory: continue
            case .parentDirectory: result.removeLastComponent()
            case .regular: result.append(component)
            }
        }
        return result
    }
}
