import BuildContext
import BuildPlan
import HostSystem
import PathPatterns
import SystemPackage

/// Writes files and trees into directories of the new root.
struct TreeWriter {
    let operation: CopyOperation
    let source: SourceTree?
    /// nil: as the source has it.
    let owner: FileOwner?
    /// Where the new root is on this host: no message names it.
    private let root: FilePath
    /// Directories written, with the time to give them at the end.
    private var times: [(directory: Directory, modified: Timestamp)] = []
    /// First names of inodes with several links, so that links within one source stay links.
    private var links: [Inode: (directory: Directory, name: FilePath.Component)] = [:]

    private struct Inode: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    init(operation: CopyOperation, source: SourceTree?, owner: FileOwner?, root: Directory) {
        self.root = root.path
        self.operation = operation
        self.source = source
        self.owner = owner
    }

    /// Another source: what it shares with those before it is copied anew.
    mutating func begin() { links = [:] }

    /// Copies what is in a directory; the target itself keeps its attributes.
    mutating func copyContents(of match: SourceMatch, into target: Directory) throws {
        guard let source else { return }
        // Open directories from the target down to where the walk is: entries come in pre-order.
        var open: [Directory] = [target]
        var entries: [SourceEntry] = []
        try source.walk(match, excludes: operation.selection.excludes) { entries.append($0) }
        for entry in entries {
            let depth = entry.relative.components.count
            guard depth > 0, let name = entry.relative.lastComponent, depth <= open.count else { continue }
            open.removeLast(open.count - depth)
            let parent = open[depth - 1]
            if entry.metadata.kind == .directory {
                open.append(try directory(entry, named: name, in: parent))
            } else {
                try copy(entry.path, entry.metadata, to: name, in: parent)
            }
        }
    }

    private func inImage(_ parent: Directory, _ name: FilePath) -> FilePath {
        var path = parent.path.pushing(name)
        return path.removePrefix(root) ? FilePath("/").pushing(path) : path
    }

    private mutating func directory(
        _ entry: SourceEntry, named name: FilePath.Component, in parent: Directory
    ) throws -> Directory {
        let path = FilePath(root: nil, [name])
        let existing = try metadata(at: path, in: parent)
        if let existing {
            guard existing.kind == .directory else { throw NotADirectory(path: inImage(parent, path)) }
        } else {
            try parent.createDirectory(at: path, mode: 0o755)
        }
        let directory = try parent.directory(at: path, followLast: false)
        if let existing, entry.isPassage {
            // What is only passed through keeps its owner and time.
            try directory.setMode(at: ".", entry.metadata.mode)
            times.append((directory, existing.modified))
            return directory
        }
        try setAttributes(of: entry.metadata, at: ".", in: directory)
        try copyExtendedAttributes(of: entry.path, to: ".", in: directory)
        times.append((directory, entry.metadata.modified))
        return directory
    }

    /// Copies one thing that is not a directory, in place of whatever had the name.
    mutating func copy(
        _ path: FilePath, _ metadata: FileMetadata, to name: FilePath.Component, in parent: Directory
    ) throws {
        guard let source else { return }
        let target = FilePath(root: nil, [name])
        try clear(target, in: parent)
        let inode = Inode(device: metadata.device, inode: metadata.inode)
        if metadata.links > 1, let first = links[inode] {
            try parent.createHardLink(at: target, to: FilePath(root: nil, [first.name]), in: first.directory)
            return
        }
        switch metadata.kind {
        case .file:
            let file = try parent.createFile(at: target, mode: 0o600)
            try file.copyContents(from: try source.directory.openFile(at: path))
            try setAttributes(of: metadata, file)
            for (key, value) in try source.directory.extendedAttributes(at: path) where Self.isCopied(key) {
                try file.setExtendedAttribute(key, to: value)
            }
            try file.setTimes(modified: metadata.modified)
        case .symlink:
            try parent.createSymlink(at: target, target: try source.directory.symlinkTarget(at: path))
            let owner = owner ?? FileOwner(uid: metadata.uid, gid: metadata.gid)
            try parent.setOwner(at: target, uid: owner.uid, gid: owner.gid)
            try parent.setTimes(at: target, modified: metadata.modified)
        case .characterDevice, .blockDevice, .fifo:
            try parent.createSpecial(
                at: target, kind: metadata.kind, mode: metadata.mode, major: metadata.deviceMajor,
                minor: metadata.deviceMinor)
            try setAttributes(of: metadata, at: target, in: parent)
            try parent.setTimes(at: target, modified: metadata.modified)
        case .socket, .directory: return
        }
        if metadata.links > 1 { links[inode] = (parent, name) }
    }

    /// Writes a file whose bytes are at hand.
    mutating func write(_ bytes: [UInt8], to name: FilePath.Component, in parent: Directory, time: Timestamp) throws {
        let target = FilePath(root: nil, [name])
        try clear(target, in: parent)
        let file = try parent.createFile(at: target, mode: 0o600)
        try file.write(bytes)
        let owner = owner ?? .root
        try file.setOwner(uid: owner.uid, gid: owner.gid)
        try file.setMode(mode(of: 0o644, isDirectory: false))
        try file.setTimes(modified: time)
    }

    func restoreTimes() throws {
        for (directory, modified) in times.reversed() { try directory.setTimes(at: ".", modified: modified) }
    }

    private func metadata(at path: FilePath, in parent: Directory) throws -> FileMetadata? {
        do { return try parent.metadata(at: path, followLast: false) } catch {
            guard error.code == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    private func clear(_ path: FilePath, in parent: Directory) throws {
        guard let existing = try metadata(at: path, in: parent) else { return }
        guard existing.kind != .directory else { throw FileOverDirectory(path: inImage(parent, path)) }
        try parent.remove(path)
    }

    private func mode(of mode: UInt32, isDirectory: Bool) -> UInt32 {
        operation.mode?.applied(to: mode, isDirectory: isDirectory) ?? mode
    }

    /// Owner before mode: chown clears set-id bits.
    private func setAttributes(of metadata: FileMetadata, _ file: File) throws {
        let owner = owner ?? FileOwner(uid: metadata.uid, gid: metadata.gid)
        try file.setOwner(uid: owner.uid, gid: owner.gid)
        try file.setMode(mode(of: metadata.mode, isDirectory: false))
    }

    private func setAttributes(of metadata: FileMetadata, at path: FilePath, in parent: Directory) throws {
        let owner = owner ?? FileOwner(uid: metadata.uid, gid: metadata.gid)
        try parent.setOwner(at: path, uid: owner.uid, gid: owner.gid)
        try parent.setMode(at: path, mode(of: metadata.mode, isDirectory: metadata.kind == .directory))
    }

    private func copyExtendedAttributes(of path: FilePath, to target: FilePath, in parent: Directory) throws {
        guard let source else { return }
        for (key, value) in try source.directory.extendedAttributes(at: path) where Self.isCopied(key) {
            try parent.setExtendedAttribute(key, to: value, at: target)
        }
    }

    /// What the content digest covers, and nothing else.
    private static func isCopied(_ key: String) -> Bool {
        key == "security.capability" || (key.hasPrefix("user.") && !key.hasPrefix("user.overlay."))
    }
}
