package import Archives
package import HostSystem
import SystemPackage

/// Writes the members of an archive below a directory, confined to it: `..` is clamped, links are followed inside only.
package struct ArchiveUnpacker {
    package enum Owners: Sendable {
        /// Whoever unpacks: a context belongs to root anyway.
        case unpacker
        /// As the archive says: ADD.
        case asFound
        case given(FileOwner)
    }

    private let directory: Directory
    private let owners: Owners
    private var buffer = [UInt8](repeating: 0, count: 128 << 10)
    /// Set at the end: a directory that may not be written to must be filled first, and its time changes with that.
    private var directories: [(path: FilePath, entry: TarEntry)] = []

    package init(directory: Directory, owners: Owners = .unpacker) {
        self.directory = directory
        self.owners = owners
    }

    package mutating func add<Source: ByteReader>(_ entry: TarEntry, from reader: inout TarReader<Source>) throws {
        let path = Self.confined(entry.path)
        // The top is the context's own directory.
        guard let name = path.lastComponent else { return }
        let parentPath = path.removingLastComponent()
        let parent = parentPath.isEmpty ? directory : try directory.createDirectories(at: parentPath)
        let here = FilePath(root: nil, [name])
        if case .directory = entry.kind {
            if (try? parent.metadata(at: here))?.kind != .directory {
                try parent.removeTree(here)
                try parent.createDirectory(at: here, mode: 0o755)
            }
            directories.append((path, entry))
        } else {
            try parent.removeTree(here)
            try create(entry, at: here, in: parent, from: &reader)
            if case .hardLink = entry.kind { return }
            try setAttributes(of: entry, at: here, in: parent)
        }
        // After the owner: chown takes capabilities away.
        for (key, value) in entry.extendedAttributes where ContentReader.isKept(key) {
            try? parent.setExtendedAttribute(key, to: value, at: here)
        }
    }

    package mutating func finish() throws {
        for (path, entry) in directories.reversed() {
            // A later member may have replaced it.
            guard (try? directory.metadata(at: path))?.kind == .directory else { continue }
            try setAttributes(of: entry, at: path, in: directory)
        }
    }

    /// Owner before mode: chown clears set-id bits.
    private func setAttributes(of entry: TarEntry, at path: FilePath, in parent: Directory) throws {
        switch owners {
        case .unpacker: break
        case .asFound: try parent.setOwner(at: path, uid: entry.uid, gid: entry.gid)
        case .given(let owner): try parent.setOwner(at: path, uid: owner.uid, gid: owner.gid)
        }
        if case .symlink = entry.kind {} else { try parent.setMode(at: path, entry.mode & 0o7777) }
        try parent.setTimes(at: path, modified: entry.modified)
    }

    private mutating func create<Source: ByteReader>(
        _ entry: TarEntry, at path: FilePath, in parent: Directory, from reader: inout TarReader<Source>
    ) throws {
        switch entry.kind {
        case .directory: return
        case .file:
            let file = try parent.createFile(at: path, mode: 0o600)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
                if count == 0 { break }
                try buffer.withUnsafeBytes { try file.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        case .symlink(let target): try parent.createSymlink(at: path, target: target)
        case .hardLink(let target):
            try parent.createHardLink(at: path, to: Self.confined(target), in: directory)
        case .fifo: try parent.createFifo(at: path, mode: entry.mode & 0o7777)
        case .characterDevice(let major, let minor):
            try parent.createDevice(at: path, mode: entry.mode & 0o7777, major: major, minor: minor)
        case .blockDevice(let major, let minor):
            try parent.createDevice(at: path, isBlock: true, mode: entry.mode & 0o7777, major: major, minor: minor)
        }
    }

    /// Relative, without `.` and `..`, which are clamped at the top.
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
