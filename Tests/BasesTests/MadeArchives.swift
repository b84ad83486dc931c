import Archives
import HostSystem
import SystemPackage

@testable import ImageBuild

/// A root's entries as an archive in memory.
struct MemorySink: EntrySink {
    var tar = TarWriter(MemoryWriter())
    mutating func append(_ entry: TarEntry) throws { try tar.append(entry) }
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws { try tar.write(bytes) }

    /// What was written, a line an entry: mode, owner, time, path and what it is.
    mutating func listing() throws -> [String] {
        try tar.finish()
        var reader = TarReader(MemoryReader(tar.sink.bytes))
        var lines: [String] = []
        while let entry = try reader.next() {
            var line = "\(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid) \(entry.modified.seconds) \(entry.path)"
            switch entry.kind {
            case .file: line += " = " + String(decoding: try reader.content(of: entry, limit: 1 << 20), as: UTF8.self)
            case .directory: line += "/"
            case .symlink(let target): line += " -> \(target)"
            case .hardLink(let target): line += " == \(target)"
            default: line += " ?"
            }
            lines.append(line)
        }
        return lines
    }
}

/// Files to be put into an archive.
struct MadeFile: Sendable {
    var path: String
    var kind: TarEntry.Kind
    var content: String
    var mode: UInt32
    var time: Int64
    var owner: UInt32

    static func file(_ path: String, _ content: String = "", mode: UInt32 = 0o644, time: Int64 = 100, owner: UInt32 = 0) -> MadeFile {
        MadeFile(path: path, kind: .file, content: content, mode: mode, time: time, owner: owner)
    }
    static func directory(_ path: String) -> MadeFile {
        MadeFile(path: path, kind: .directory, content: "", mode: 0o755, time: 100, owner: 0)
    }
    static func symlink(_ path: String, _ target: String) -> MadeFile {
        MadeFile(path: path, kind: .symlink(FilePath(target)), content: "", mode: 0o777, time: 100, owner: 0)
    }
    static func hardLink(_ path: String, _ target: String) -> MadeFile {
        MadeFile(path: path, kind: .hardLink(FilePath(target)), content: "", mode: 0o644, time: 100, owner: 0)
    }

    static func tar(_ files: [MadeFile]) throws -> [UInt8] {
        var writer = TarWriter(MemoryWriter())
        for file in files {
            var entry = TarEntry(
                path: FilePath(file.path), kind: file.kind, mode: file.mode, size: Int64(file.content.utf8.count),
                modified: Timestamp(seconds: file.time))
            entry.uid = file.owner
            entry.userName = "somebody"
            try writer.append(entry)
            try writer.write(Array(file.content.utf8))
        }
        try writer.finish()
        return writer.sink.bytes
    }
}

/// A `.deb` made here.
enum MadePackage {
    static func bytes(control: String, built: Int64 = 1000, files: [MadeFile]) throws -> [UInt8] {
        let sums = MadeFile.file("./md5sums", "0  usr/bin/x\n")
        return Array("!<arch>\n".utf8) + member("debian-binary", built, Array("2.0\n".utf8))
            + member("control.tar", built, try MadeFile.tar([.file("./control", control), sums]))
            + member("data.tar", built, try MadeFile.tar(files))
    }

    static func member(_ name: String, _ time: Int64, _ content: [UInt8]) -> [UInt8] {
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.utf8.count) }
        let header = padded(name, 16) + padded(String(time), 12) + padded("0", 6) + padded("0", 6) + padded("100644", 8)
        return Array((header + padded(String(content.count), 10) + "`\n").utf8) + content + (content.count % 2 == 1 ? [10] : [])
    }

    static func open(_ bytes: [UInt8], in directory: TemporaryDirectory, name: String) throws -> PackageArchive {
        try directory.directory.createFile(at: FilePath(name)).write(bytes)
        return try PackageArchive(opening: directory.path.appending(name))
    }
}
