package import HostSystem
package import SystemPackage

/// One member of a tar archive, without its bytes.
package struct TarEntry: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case file
        case directory
        case symlink(FilePath)
        /// The path of an earlier member.
        case hardLink(FilePath)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    /// As the archive has it, any bytes but NUL; no trailing slash. May be absolute or hold `..`: the one who extracts
    /// confines it.
    package var path: FilePath
    package var kind: Kind
    /// The low twelve bits: permissions, set-uid, set-gid, sticky.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// Bytes that follow, holes included; 0 for everything but files.
    package var size: Int64
    package var modified: Timestamp
    /// `user.x`, `security.capability`, …
    package var extendedAttributes: [String: [UInt8]]
    package var userName: String
    package var groupName: String

    package init(
        path: FilePath, kind: Kind, mode: UInt32, size: Int64 = 0, modified: Timestamp = .epoch
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = 0
        self.gid = 0
        self.size = size
        self.modified = modified
        self.extendedAttributes = [:]
        self.userName = ""
        self.groupName = ""
    }
}
