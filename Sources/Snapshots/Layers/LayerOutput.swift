import Archives
import HostSystem
import SystemPackage

/// Writes files of a tree as a layer's entries.
struct LayerOutput {
    struct Found {
        var path: FilePath
        var metadata: FileMetadata
        var attributes: [String: [UInt8]]
        init(_ path: FilePath, _ metadata: FileMetadata, _ attributes: [String: [UInt8]]) {
            self.path = path
            self.metadata = metadata
            self.attributes = attributes
        }
    }

    private struct Inode: Hashable { var device, number: UInt64 }

    private let tree: Directory
    private let clampTime: Int64?
    /// First paths of files that have several.
    private var linked: [Inode: FilePath] = [:]
    private let buffer = CopyBuffer()

    init(tree: Directory, clampTime: Int64?) {
        self.tree = tree
        self.clampTime = clampTime
    }

    /// The root directory itself, for its attributes.
    mutating func writeRoot(to writer: inout LayerWriter) throws {
        let found = Found(".", try tree.metadata(), try tree.extendedAttributes(at: ""))
        try writer.append(entry(found, .directory))
    }

    mutating func write(_ found: Found, to writer: inout LayerWriter, open: () throws -> File) throws {
        let metadata = found.metadata
        if metadata.links > 1, metadata.kind != .directory, metadata.kind != .socket {
            let inode = Inode(device: metadata.device, number: metadata.inode)
            if let first = linked[inode] { return try writer.append(entry(found, .hardLink(first))) }
            linked[inode] = found.path
        }
        switch metadata.kind {
        case .file:
            try writer.append(entry(found, .file, size: metadata.size))
            if metadata.size > 0 { try writeContents(of: open(), metadata.size, to: &writer) }
        case .directory: try writer.append(entry(found, .directory))
        case .symlink: try writer.append(entry(found, .symlink(tree.symlinkTarget(at: found.path))))
        case .characterDevice:
            try writer.append(entry(found, .characterDevice(major: metadata.deviceMajor, minor: metadata.deviceMinor)))
        case .blockDevice:
            try writer.append(entry(found, .blockDevice(major: metadata.deviceMajor, minor: metadata.deviceMinor)))
        case .fifo: try writer.append(entry(found, .fifo))
        // A socket means nothing without the process that listens; tar has no type for it.
        case .socket: break
        }
    }

    private func entry(_ found: Found, _ kind: TarEntry.Kind, size: Int64 = 0) -> TarEntry {
        var modified = Timestamp(seconds: found.metadata.modified.seconds)
        if let clampTime { modified.seconds = min(modified.seconds, clampTime) }
        // Linux has no modes on symlinks and reports 0777.
        var entry = TarEntry(path: found.path, kind: kind, mode: found.metadata.mode, size: size, modified: modified)
        entry.uid = found.metadata.uid
        entry.gid = found.metadata.gid
        entry.extendedAttributes = found.attributes.filter { FileAttributes.travels($0.key) }
        return entry
    }

    /// Exactly `size` bytes. Holes are not read.
    private func writeContents(of file: File, _ size: Int64, to writer: inout LayerWriter) throws {
        var offset: Int64 = 0
        while offset < size {
            let data = size <= Int64(buffer.bytes.count) ? offset..<size : try file.dataRegion(from: offset, size: size)
            let start = data?.lowerBound ?? size
            while offset < start {
                let count = min(start - offset, Int64(buffer.zeros.count))
                try writer.write(UnsafeRawBufferPointer(rebasing: buffer.zeros[0..<Int(count)]))
                offset += count
            }
            while offset < data?.upperBound ?? size {
                let wanted = Int(min((data?.upperBound ?? size) - offset, Int64(buffer.bytes.count)))
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[0..<wanted])
                let count = try file.read(into: part, at: offset)
                guard count > 0 else {
                    throw SystemError("read", path: file.path.string, code: .ioError, detail: "it became shorter meanwhile")
                }
                try writer.write(UnsafeRawBufferPointer(rebasing: part[0..<count]))
                offset += Int64(count)
            }
        }
    }
}

/// Memory for one writer of layers.
private final class CopyBuffer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    let zeros: UnsafeRawBufferPointer

    init() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        zeros = UnsafeRawBufferPointer(memory)
    }

    deinit {
        bytes.deallocate()
        zeros.deallocate()
    }
}
