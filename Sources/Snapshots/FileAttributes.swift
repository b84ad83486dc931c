import HostSystem
import SystemPackage

/// Mode, owner, time and extended attributes of a file: what goes along when it is copied.
struct FileAttributes {
    var mode: UInt32
    var uid: UInt32
    var gid: UInt32
    var modified: Timestamp
    /// Only those that travel.
    var extended: [String: [UInt8]]

    static let plainDirectory = FileAttributes(mode: 0o755, uid: 0, gid: 0, modified: .epoch, extended: [:])

    init(mode: UInt32, uid: UInt32, gid: UInt32, modified: Timestamp, extended: [String: [UInt8]]) {
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.modified = modified
        self.extended = extended
    }

    init(_ metadata: FileMetadata, extended: [String: [UInt8]]) {
        self.init(
            mode: metadata.mode, uid: metadata.uid, gid: metadata.gid, modified: metadata.modified,
            extended: extended.filter { Self.travels($0.key) })
    }

    init(of directory: Directory) throws {
        try self.init(directory.metadata(), extended: directory.extendedAttributes(at: ""))
    }

    init(of path: FilePath, in directory: Directory) throws {
        try self.init(directory.metadata(at: path), extended: directory.extendedAttributes(at: path))
    }

    /// Whether an extended attribute belongs to the file rather than to this host: `user.*` and file capabilities do;
    /// overlayfs's own, security labels, `trusted.*` and ACLs do not.
    static func travels(_ name: String) -> Bool {
        name == "security.capability" || (name.hasPrefix("user.") && !name.hasPrefix("user.overlay."))
    }

    /// Apart from the time.
    func isSame(as other: FileAttributes) -> Bool {
        mode == other.mode && uid == other.uid && gid == other.gid && extended == other.extended
    }

    /// Onto the directory itself.
    func apply(to directory: Directory) throws { try apply(to: "", kind: .directory, in: directory) }

    /// The owner first: changing it clears set-uid and file capabilities. `path` is not followed.
    func apply(to path: FilePath, kind: FileMetadata.Kind, in directory: Directory) throws {
        try Self.ignoringLackOfRights { () throws(SystemError) in try directory.setOwner(at: path, uid: uid, gid: gid) }
        if kind != .symlink { try directory.setMode(at: path, mode) }
        for (name, value) in extended {
            try Self.ignoringLackOfSupport { () throws(SystemError) in try directory.setExtendedAttribute(name, to: value, at: path) }
        }
        try directory.setTimes(at: path, modified: modified)
    }

    func apply(to file: File) throws {
        try Self.ignoringLackOfRights { () throws(SystemError) in try file.setOwner(uid: uid, gid: gid) }
        try file.setMode(mode)
        for (name, value) in extended {
            try Self.ignoringLackOfSupport { () throws(SystemError) in try file.setExtendedAttribute(name, to: value) }
        }
        try file.setTimes(modified: modified)
    }

    /// Removes the extended attributes that a file has beyond these.
    func removeOthers(from path: FilePath, in directory: Directory) throws {
        for name in try directory.extendedAttributes(at: path).keys
        where Self.travels(name) && extended[name] == nil {
            try directory.removeExtendedAttribute(name, at: path)
        }
    }

    /// Who is not root cannot give files away: they stay his own.
    private static func ignoringLackOfRights(_ body: () throws(SystemError) -> Void) throws(SystemError) {
        do { try body() } catch {
            guard error.code == .notPermitted, !HostIdentity.isRoot else { throw error }
        }
    }

    /// File systems without extended attributes lose them; `user.*` is not for links and special files.
    private static func ignoringLackOfSupport(_ body: () throws(SystemError) -> Void) throws(SystemError) {
        do { try body() } catch {
            guard error.code == .notSupported || error.code == .notPermitted else { throw error }
        }
    }
}
