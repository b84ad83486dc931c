package import SystemPackage

/// A name in a directory and what it names, from the directory itself: symlinks are not followed.
package struct DirectoryEntry: Sendable, Hashable {
    package var name: FilePath.Component
    package var kind: FileMetadata.Kind
    package init(name: FilePath.Component, kind: FileMetadata.Kind) {
        self.name = name
        self.kind = kind
    }
}

extension FileMetadata.Kind {
    /// From `d_type`; nil when the file system does not say.
    init?(directoryType: UInt8) {
        switch directoryType {
        case 1: self = .fifo
        case 2: self = .characterDevice
        case 4: self = .directory
        case 6: self = .blockDevice
        case 8: self = .file
        case 10: self = .symlink
        case 12: self = .socket
        default: return nil
        }
    }
}

/// Steps through what getdents64 wrote: 8 bytes inode, 8 offset, 2 record length, 1 type, then the name and a zero.
struct DirectoryRecords {
    private let buffer: UnsafeRawBufferPointer
    private var offset = 0
    init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

    /// The next name but "." and "..", and its d_type.
    mutating func next() -> (name: UnsafePointer<CChar>, type: UInt8)? {
        while offset + 19 < buffer.count, let base = buffer.baseAddress {
            let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
            guard length > 19, offset + length <= buffer.count else { return nil }
            let type = buffer[offset + 18]
            let name = (base + offset + 19).assumingMemoryBound(to: CChar.self)
            offset += length
            if name[0] == 46, name[1] == 0 || (name[1] == 46 && name[2] == 0) { continue }
            return (name, type)
        }
        return nil
    }
}
