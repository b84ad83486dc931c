import Archives
import HostSystem
package import OCI
package import SystemPackage

/// The files of an image archive by name: a directory, or a tar that is read where it lies.
package struct ArchiveFiles: Sendable {
    /// A file's bytes, in a file.
    package struct Member: Sendable, Hashable {
        package var file: FilePath
        package var range: Range<Int64>
        package var size: Int64 { range.upperBound - range.lowerBound }
        package var bytes: BlobBytes { .fileRange(file.string, range) }
    }

    private enum Entry: Sendable {
        case file(Range<Int64>)
        /// Another name in the archive.
        case link(String)
    }

    /// For messages.
    package let path: FilePath
    /// nil: a directory.
    private let entries: [String: Entry]?

    /// A directory, as it lies there.
    package init(directory: FilePath) {
        path = directory
        entries = nil
    }

    /// Entries that image archives have hardly ever: a blob is one entry.
    private static let entryLimit = 200_000

    /// Reads through the headers of an uncompressed tar; `name` is what messages call it.
    package init(tar: FilePath, name: FilePath) throws {
        let file = try File(opening: tar)
        let length = try file.metadata().size
        var limits = TarLimits()
        limits.entries = Self.entryLimit
        var reader = TarReader(try FileByteReader(file), limits: limits)
        var found: [String: Entry] = [:]
        do {
            while let entry = try reader.next() {
                guard let name = try Self.memberName(entry.path) else { continue }
                switch entry.kind {
                case .file:
                    guard reader.isContiguous else {
                        throw StorageError(
                            .badArchive, "\"\(name)\" is a sparse file, which image archives do not hold")
                    }
                    let end = reader.offset + entry.size
                    guard end <= length else { throw TarError(.truncated, at: length) }
                    found[name] = .file(reader.offset..<end)
                case .hardLink(let target):
                    if let other = try Self.memberName(target) { found[name] = .link(other) }
                case .symlink(let target):
                    let base = target.isAbsolute ? FilePath("/") : FilePath(name).removingLastComponent()
                    if let other = try Self.memberName(base.pushing(target)) { found[name] = .link(other) }
                case .directory, .characterDevice, .blockDevice, .fifo: continue
                }
            }
        } catch let error as TarError {
            throw StorageError(.badArchive, "\(name) cannot be read as a tar archive: \(error)")
        } catch let error as StorageError {
            throw StorageError(.badArchive, "\(name) is not an image archive: \(error.message)")
        }
        path = name
        source = tar
        entries = found
    }

    /// The tar itself; for a directory, nothing.
    private var source: FilePath?

    /// `./a//b` is `a/b`; nil for the root. Throws for what leads out.
    private static func memberName(_ path: FilePath) throws -> String? {
        var components: [String] = []
        for component in path.components {
            switch component.kind {
            case .currentDirectory: continue
            case .parentDirectory:
                guard components.popLast() != nil else {
                    throw StorageError(.badArchive, "the entry \"\(path.string.prefix(200))\" leads out of the archive")
                }
            case .regular: components.append(component.string)
            }
        }
        return components.isEmpty ? nil : components.joined(separator: "/")
    }

    /// The file with this name, through links within the archive; nil when there is none.
    package func member(_ name: String) throws -> Member? {
        guard let clean = try Self.memberName(FilePath(name)), clean == name else {
            throw StorageError(
                .badArchive, "\(path) names a file \"\(name.prefix(200))\", which leads out of it or nowhere")
        }
        guard let entries, let source else {
            let file = path.appending(name)
            guard let found = try ifPresent({ () throws(SystemError) in try FileMetadata(at: file) }),
                found.kind == .file
            else {
                return nil
            }
            return Member(file: file, range: 0..<found.size)
        }
        var name = name
        for _ in 0..<8 {
            switch entries[name] {
            case .file(let range): return Member(file: source, range: range)
            case .link(let other): name = other
            case nil: return nil
            }
        }
        throw StorageError(.badArchive, "\(path) has links at \"\(name)\" that lead in a circle")
    }

    /// A small file's bytes; nil when there is none.
    package func bytes(_ name: String, limit: Int = 8 << 20) throws -> [UInt8]? {
        guard let member = try member(name) else { return nil }
        return try bytes(of: member, name: name, limit: limit)
    }

    package func bytes(of member: Member, name: String, limit: Int = 8 << 20) throws -> [UInt8] {
        guard member.size <= Int64(limit) else {
            throw StorageError(
                .badArchive, "\"\(name)\" in \(path) has \(member.size) bytes; more than \(limit) make no sense there")
        }
        var reader = try FileByteReader(File(opening: member.file), range: member.range)
        guard let bytes = try reader.readAll(limit: limit), Int64(bytes.count) == member.size else {
            throw StorageError(.badArchive, "\(path) ends in the middle of \"\(name)\"")
        }
        return bytes
    }

    /// Some names, for saying what was found instead of what was looked for.
    package func sampleNames(_ count: Int = 5) -> [String] {
        if let entries { return Array(entries.keys.sorted().prefix(count)) }
        let names = (try? Directory(opening: path).entries().map(\.name.string).sorted()) ?? []
        return Array(names.prefix(count))
    }
}
