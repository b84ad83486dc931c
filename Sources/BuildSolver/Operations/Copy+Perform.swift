import Archives
import BuildContext
import BuildPlan
import Execution
import HostSystem
import PathPatterns
import SystemPackage

/// COPY and ADD: *where files land*. Which files they are is `SourceTree`'s business.
///
/// Docker's rules: a source directory stands for its contents; the destination is a directory when it ends in a slash,
/// when there are several sources, or when it is one already. A directory that exists keeps its own mode and owner
/// when it is the destination itself, and takes the source's below that.
struct CopyPerformance {
    let operation: CopyOperation
    /// nil when only inline files are copied.
    let source: SourceTree?
    let root: Directory
    let epoch: Int64?

    func run() throws {
        let owner = try operation.owner.map { try CopyOwner.resolve($0, in: root) }
        let matches = try resolve()
        if matches.count > 1, !operation.destinationIsDirectory, !isDirectory(FilePath(operation.destination)) {
            throw DestinationNotDirectory(destination: operation.destination, count: matches.count)
        }
        let newest = epoch.map { Timestamp(seconds: $0) } ?? matches.map(\.metadata.modified).max()
        var making = DirectoryMaking(root: root, mode: 0o755, owner: owner, time: newest)
        var writer = TreeWriter(operation: operation, source: source, owner: owner)
        for match in matches { try copy(match, owner: owner, making: &making, writer: &writer) }
        for file in operation.inlineFiles { try write(file, time: newest, making: &making, writer: &writer) }
        try writer.restoreTimes()
        try making.restoreTimes()
    }

    private func resolve() throws -> [SourceMatch] {
        guard let source else { return [] }
        return try source.resolve(operation.selection)
    }

    private func isDirectory(_ path: FilePath) -> Bool {
        (try? root.metadata(at: path, followLast: true))?.kind == .directory
    }

    private func copy(
        _ match: SourceMatch, owner: FileOwner?, making: inout DirectoryMaking, writer: inout TreeWriter
    ) throws {
        let destination = FilePath(operation.destination)
        if match.metadata.kind == .directory {
            let existed = isDirectory(destination)
            let target = try making.make(destination)
            if existed { try making.touch(destination) }
            try writer.copyContents(of: match, into: target, dating: existed ? nil : match.metadata)
            return
        }
        if operation.unpacksArchives, match.metadata.kind == .file, let source,
            let archive = try ArchiveUnpacking(match: match, tree: source, owner: owner)
        {
            let target = try making.make(destination)
            try archive.unpack(into: target)
            return
        }
        guard let given = match.matchedName else { return }
        let (parent, name) = try target(named: given, making: &making)
        try writer.copy(match.path, match.metadata, to: name, in: parent)
    }

    /// Where a single file goes: into the destination when it is a directory, else under its name.
    private func target(
        named name: FilePath.Component, making: inout DirectoryMaking
    ) throws -> (Directory, FilePath.Component) {
        let destination = FilePath(operation.destination)
        if operation.destinationIsDirectory || isDirectory(destination) || destination.lastComponent == nil {
            let parent = try making.make(destination)
            try making.touch(destination)
            return (parent, name)
        }
        let parentPath = destination.removingLastComponent()
        let parent = try making.make(parentPath)
        try making.touch(parentPath)
        return (parent, destination.lastComponent ?? name)
    }

    private func write(
        _ file: CopyOperation.InlineFile, time: Timestamp?, making: inout DirectoryMaking, writer: inout TreeWriter
    ) throws {
        guard let name = FilePath.Component(file.name) else { throw DestinationNotDirectory(destination: file.name, count: 1) }
        let (parent, target) = try target(named: name, making: &making)
        try writer.write(
            [UInt8](file.content.utf8), to: target, in: parent, time: time ?? Timestamp(seconds: epoch ?? 0))
    }
}

/// Who owns what COPY writes, by the names of the image.
enum CopyOwner {
    /// A number alone stands for user and group alike, as docker has it.
    static func resolve(_ text: String, in root: Directory) throws -> FileOwner {
        if let id = UInt32(text) { return FileOwner(uid: id, gid: id) }
        return try named(text, in: root)
    }

    /// As the image's passwd and group have it: the owner of what that user would make.
    static func named(_ text: String, in root: Directory) throws -> FileOwner {
        let user = try UserResolution.resolve(text, in: root)
        return FileOwner(uid: user.uid, gid: user.gid)
    }
}

/// Several files and a destination that is one.
struct DestinationNotDirectory: Error, CustomStringConvertible {
    let destination: String
    let count: Int
    var description: String {
        "\(count) sources match, so the destination has to be a directory: write \"\(destination)/\""
    }
}

/// Writes files and trees into directories of the new root.
struct TreeWriter {
    let operation: CopyOperation
    let source: SourceTree?
    let owner: FileOwner?
    /// Directories written, with the time to give them at the end.
    private var times: [(directory: Directory, modified: Timestamp)] = []
    /// First names of inodes with several links, so that links within one copy stay links.
    private var links: [Inode: (directory: Directory, name: FilePath.Component)] = [:]

    private struct Inode: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    init(operation: CopyOperation, source: SourceTree?, owner: FileOwner?) {
        self.operation = operation
        self.source = source
        self.owner = owner
    }

    /// Copies what is in a directory; the target itself takes the source's mode and owner only when it is new.
    mutating func copyContents(of match: SourceMatch, into target: Directory, dating new: FileMetadata?) throws {
        guard let source else { return }
        if let new {
            try setAttributes(of: new, at: ".", in: target)
            try copyExtendedAttributes(of: match.path, to: ".", in: target)
            times.append((target, new.modified))
        }
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

    private mutating func directory(
        _ entry: SourceEntry, named name: FilePath.Component, in parent: Directory
    ) throws -> Directory {
        let path = FilePath(root: nil, [name])
        if let existing = try metadata(at: path, in: parent) {
            guard existing.kind == .directory else { throw NotADirectory(path: parent.path.appending(name)) }
        } else {
            try parent.createDirectory(at: path, mode: 0o755)
        }
        let directory = try parent.directory(at: path, followLast: false)
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
        try file.setMode(operation.mode ?? 0o644)
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
        guard existing.kind != .directory else { throw FileOverDirectory(path: parent.path.appending(path.components)) }
        try parent.remove(path)
    }

    /// Owner before mode: chown clears set-id bits.
    private func setAttributes(of metadata: FileMetadata, _ file: File) throws {
        let owner = owner ?? FileOwner(uid: metadata.uid, gid: metadata.gid)
        try file.setOwner(uid: owner.uid, gid: owner.gid)
        try file.setMode(operation.mode ?? metadata.mode)
    }

    private func setAttributes(of metadata: FileMetadata, at path: FilePath, in parent: Directory) throws {
        let owner = owner ?? FileOwner(uid: metadata.uid, gid: metadata.gid)
        try parent.setOwner(at: path, uid: owner.uid, gid: owner.gid)
        try parent.setMode(at: path, operation.mode ?? metadata.mode)
    }

    private func copyExtendedAttributes(of path: FilePath, to target: FilePath, in parent: Directory) throws {
        guard let source else { return }
        for (key, value) in try source.directory.extendedAttributes(at: path) where Self.isCopied(key) {
            try parent.setExtendedAttribute(key, to: value, at: target)
        }
    }

    /// What the content digest covers, and nothing else.
    private static func isCopied(_ key: String) -> Bool { key.hasPrefix("user.") || key == "security.capability" }
}

/// A file in the way of a directory of the same name.
struct FileOverDirectory: Error, CustomStringConvertible {
    let path: FilePath
    var description: String { "\(path) is a directory in the image and a file in the source" }
}
