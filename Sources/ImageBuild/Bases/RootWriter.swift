package import Archives
import HostSystem
import OCI
import SystemPackage

/// Where the entries of a root go: a layer, or in tests an archive in memory.
package protocol EntrySink {
    mutating func append(_ entry: TarEntry) throws
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Writes a root filesystem entry by entry. Nothing is unpacked on the way: what comes from an archive goes straight
/// into the sink. Times are clamped, owners' names left out, and a path that was written already is passed over.
struct RootWriter<Sink: EntrySink> {
    private(set) var sink: Sink
    private let newest: Timestamp
    private var written: Set<String> = []
    private let buffer: [UInt8]
    /// Bytes of the files so far.
    private(set) var unpackedBytes: Int64 = 0

    init(_ sink: Sink, newest: Int64) {
        self.sink = sink
        self.newest = Timestamp(seconds: newest)
        buffer = [UInt8](repeating: 0, count: 128 << 10)
    }

    func contains(_ path: String) -> Bool { written.contains(path) }

    mutating func directory(_ path: String, mode: UInt32 = 0o755, owner: UInt32 = 0) throws {
        var entry = TarEntry(path: FilePath(path), kind: .directory, mode: mode)
        entry.uid = owner
        entry.gid = owner
        try add(entry, content: nil)
    }

    mutating func symlink(_ path: String, to target: String) throws {
        try add(TarEntry(path: FilePath(path), kind: .symlink(FilePath(target)), mode: 0o777), content: nil)
    }

    mutating func file(_ path: String, _ content: [UInt8], mode: UInt32 = 0o644) throws {
        try add(TarEntry(path: FilePath(path), kind: .file, mode: mode), content: content)
    }

    /// An entry of our own, or one whose content was changed. Missing parents are made. `content` is for files.
    mutating func add(_ entry: TarEntry, content: [UInt8]?) throws {
        guard !written.contains(entry.path.string) else { return }
        try parents(of: entry.path)
        var entry = entry
        if let content { entry.size = Int64(content.count) } else { entry.modified = newest }
        if entry.modified == .epoch { entry.modified = newest }
        try begin(entry)
        if let content { try content.withUnsafeBytes { try sink.write($0) } }
    }

    /// An entry of an archive, as the reader has just returned it, with a path that may have been rewritten.
    mutating func copy<Source: ByteReader>(_ entry: TarEntry, from reader: inout TarReader<Source>) throws {
        guard !written.contains(entry.path.string) else { return }
        try parents(of: entry.path)
        try begin(entry)
        guard entry.kind == .file else { return }
        var buffer = buffer
        while true {
            let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
            if count == 0 { break }
            try buffer.withUnsafeBytes { try sink.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private mutating func parents(of path: FilePath) throws {
        let parent = path.removingLastComponent()
        guard !parent.isEmpty, !written.contains(parent.string) else { return }
        try parents(of: parent)
        var entry = TarEntry(path: parent, kind: .directory, mode: 0o755)
        entry.modified = newest
        try begin(entry)
    }

    private mutating func begin(_ entry: TarEntry) throws {
        var entry = entry
        entry.userName = ""
        entry.groupName = ""
        entry.modified = Timestamp(seconds: min(entry.modified.seconds, newest.seconds))
        written.insert(entry.path.string)
        if entry.kind == .file { unpackedBytes += entry.size }
        try sink.append(entry)
    }
}

extension RootWriter where Sink == LayerWriter {
    mutating func finish() throws -> WrittenLayer { try sink.finish() }
}

/// An entry's path as we keep it: relative, without `.`; nil for the root itself.
enum EntryPath {
    static func normalized(_ path: FilePath) throws -> FilePath? {
        var result = FilePath()
        for component in path.components {
            switch component.kind {
            case .currentDirectory: continue
            case .parentDirectory: throw BaseError.badArchive("\(path) leads out of the archive")
            case .regular: result.append(component)
            }
        }
        return result.isEmpty ? nil : result
    }

    /// The same file below `/usr`, when it is named through a top-level directory that is a link into `/usr`.
    static func merged(_ path: FilePath) -> FilePath {
        guard let first = path.components.first, ContainerFiles.mergedDirectories.contains(first.string) else {
            return path
        }
        return FilePath("usr").appending(path.components)
    }
}

extension TarReader {
    /// The whole content of the current entry; throws when it is longer than `limit`.
    mutating func content(of entry: TarEntry, limit: Int) throws -> [UInt8] {
        guard entry.size <= Int64(limit) else { throw BaseError.badArchive("\(entry.path) has \(entry.size) bytes") }
        var content = [UInt8](repeating: 0, count: Int(entry.size))
        var filled = 0
        while filled < content.count {
            let count = try content.withUnsafeMutableBytes {
                try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
            }
            if count == 0 { throw BaseError.badArchive("\(entry.path) ends early") }
            filled += count
        }
        return content
    }
}
