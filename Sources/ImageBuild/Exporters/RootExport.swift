import Archives
import HostSystem
import SystemPackage

/// Writes a root filesystem's files out: `type=local` and `type=tar`.
struct RootExport: Sendable {
    let root: Directory
    /// Times later than this, in seconds since 1970, are set to it.
    let epoch: Int64?

    /// Copies every file into a directory, made when missing; owners are kept when we may.
    func copy(to path: FilePath) throws {
        let target = try Directory.making(path)
        let keepsOwners = HostIdentity.isRoot
        var directories: [(FilePath, FileMetadata)] = []
        var links: [UInt64: FilePath] = [:]
        try TreeWalk.visit(root, sorted: true) { entry in
            let metadata = entry.metadata
            let name = entry.path
            if metadata.kind == .directory {
                if !target.exists(name) { try target.createDirectory(at: name, mode: 0o700) }
                try copyAttributes(of: entry, to: name, in: target, keepsOwners: keepsOwners)
                directories.append((name, metadata))
                return .descend
            }
            if target.exists(name) { try target.remove(name) }
            if metadata.links > 1 {
                if let first = links[metadata.inode] {
                    try target.createHardLink(at: name, to: first)
                    return .descend
                }
                links[metadata.inode] = name
            }
            switch metadata.kind {
            case .file:
                let file = try target.createFile(at: name, mode: 0o600)
                try file.copyContents(from: try entry.open())
            case .symlink: try target.createSymlink(at: name, target: try entry.symlinkTarget())
            case .characterDevice, .blockDevice, .fifo:
                guard keepsOwners else { return .descend }
                try target.createSpecial(
                    at: name, kind: metadata.kind, mode: metadata.mode, major: metadata.deviceMajor,
                    minor: metadata.deviceMinor)
            case .socket, .directory: return .descend
            }
            try finish(name, metadata, in: target, keepsOwners: keepsOwners)
            try copyAttributes(of: entry, to: name, in: target, keepsOwners: keepsOwners)
            return .descend
        }
        for (name, metadata) in directories.reversed() {
            try finish(name, metadata, in: target, keepsOwners: keepsOwners)
        }
    }

    private func finish(_ name: FilePath, _ metadata: FileMetadata, in target: Directory, keepsOwners: Bool) throws {
        if keepsOwners { try target.setOwner(at: name, uid: metadata.uid, gid: metadata.gid) }
        if metadata.kind != .symlink { try target.setMode(at: name, metadata.mode) }
        try target.setTimes(at: name, modified: clamped(metadata.modified))
    }

    /// After the owner is set: that clears capabilities. Where the target keeps none, the file is still worth having.
    private func copyAttributes(
        of entry: TreeWalk.Entry, to name: FilePath, in target: Directory, keepsOwners: Bool
    ) throws {
        guard keepsOwners else { return }
        for (key, value) in try Self.exported(entry) { try? target.setExtendedAttribute(key, to: value, at: name) }
    }

    /// The attributes that belong to the image: the others are the host's.
    private static func exported(_ entry: TreeWalk.Entry) throws(SystemError) -> [String: [UInt8]] {
        try entry.extendedAttributes().filter { $0.key.hasPrefix("user.") || $0.key == "security.capability" }
    }

    private func clamped(_ time: Timestamp) -> Timestamp {
        guard let epoch, time > Timestamp(seconds: epoch) else { return time }
        return Timestamp(seconds: epoch)
    }

    /// Writes every file into a tar.
    func archive(to sink: FileByteWriter) throws {
        var writer = TarWriter(sink)
        var links: [UInt64: FilePath] = [:]
        try TreeWalk.visit(root, sorted: true) { entry in
            guard let item = try tarEntry(entry, links: &links) else { return .descend }
            try writer.append(item)
            if case .file = item.kind, item.size > 0 {
                try Self.copy(try entry.open(), item.size, to: &writer)
            }
            return .descend
        }
        try writer.finish()
    }

    /// Exactly `size` bytes: a root being written out does not change.
    private static func copy(_ file: File, _ size: Int64, to writer: inout TarWriter<FileByteWriter>) throws {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var left = size
        while left > 0 {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return }
            try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<min(count, Int(left))])) }
            left -= Int64(count)
        }
    }

    private func tarEntry(_ entry: TreeWalk.Entry, links: inout [UInt64: FilePath]) throws -> TarEntry? {
        let metadata = entry.metadata
        let path = entry.path
        var kind: TarEntry.Kind
        switch metadata.kind {
        case .file: kind = .file
        case .directory: kind = .directory
        case .symlink: kind = .symlink(try entry.symlinkTarget())
        case .characterDevice: kind = .characterDevice(major: metadata.deviceMajor, minor: metadata.deviceMinor)
        case .blockDevice: kind = .blockDevice(major: metadata.deviceMajor, minor: metadata.deviceMinor)
        case .fifo: kind = .fifo
        case .socket: return nil
        }
        if metadata.kind == .file, metadata.links > 1 {
            if let first = links[metadata.inode] { kind = .hardLink(first) } else { links[metadata.inode] = path }
        }
        var item = TarEntry(path: path, kind: kind, mode: metadata.mode)
        item.uid = metadata.uid
        item.gid = metadata.gid
        item.size = kind == .file ? metadata.size : 0
        item.modified = clamped(metadata.modified)
        item.extendedAttributes = try Self.exported(entry)
        return item
    }
}
