import CHost
package import SystemPackage

/// What statx says of a file.
package struct FileMetadata: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable, Codable {
        case file, directory, symlink, characterDevice, blockDevice, fifo, socket
    }

    package var kind: Kind
    /// Permissions with setuid, setgid and sticky: 07777.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes; of a symlink, the length of its target.
    package var size: Int64
    package var inode: UInt64
    package var device: UInt64
    /// What a device node stands for; 0 for other kinds.
    package var deviceMajor: UInt32
    package var deviceMinor: UInt32
    /// Hard links to this inode.
    package var links: UInt32
    package var modified: Timestamp
    package var changed: Timestamp
    /// Allocated space in units of 512 bytes.
    package var blocks: Int64

    /// The file at `path` on the host, not confined to any root.
    package init(at path: FilePath, followLast: Bool = true) throws(SystemError) {
        var raw = chost_metadata()
        let result = path.withPlatformString { chost_path_metadata($0, followLast, &raw) }
        try check(result, "look at", path.string)
        self.init(raw)
    }

    init(_ raw: chost_metadata) {
        kind =
            switch raw.mode & 0o170000 {
            case 0o040000: .directory
            case 0o120000: .symlink
            case 0o020000: .characterDevice
            case 0o060000: .blockDevice
            case 0o010000: .fifo
            case 0o140000: .socket
            default: .file
            }
        mode = raw.mode & 0o7777
        uid = raw.uid
        gid = raw.gid
        size = Int64(truncatingIfNeeded: raw.size)
        inode = raw.inode
        device = raw.device
        deviceMajor = raw.device_major
        deviceMinor = raw.device_minor
        links = raw.links
        modified = Timestamp(
            seconds: raw.modified_seconds, nanoseconds: Int32(truncatingIfNeeded: raw.modified_nanoseconds))
        changed = Timestamp(
            seconds: raw.changed_seconds, nanoseconds: Int32(truncatingIfNeeded: raw.changed_nanoseconds))
        blocks = Int64(truncatingIfNeeded: raw.blocks)
    }
}
