import CHost
import Glibc
package import SystemPackage

/// Numeric owner of a file.
package struct FileOwner: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }
    package static let root = FileOwner(uid: 0, gid: 0)
}

extension Directory {
    /// EEXIST when the name is taken. The mode is exact: no umask.
    package func createDirectory(at path: FilePath, mode: UInt32 = 0o755) throws(SystemError) {
        _ = try onName("make the directory", path) { parent, name in
            let made = chost_mkdirat(parent, name, mode)
            return made < 0 ? made : chost_chmod(parent, name, mode)
        }
    }

    package func createSymlink(at path: FilePath, target: FilePath) throws(SystemError) {
        _ = try onName("make the symbolic link", path) { parent, name in
            target.withPlatformString { chost_symlinkat($0, parent, name) }
        }
    }

    /// A new, empty, writable regular file. EEXIST when the name is taken. The mode is exact: no umask (but for 0600,
    /// which costs no call of its own).
    package func createFile(at path: FilePath, mode: UInt32 = 0o644) throws(SystemError) -> File {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK
        let opened = try onName("create", path) { parent, name in
            let opened = chost_openat(parent, name, flags, 0o600)
            guard opened >= 0, mode != 0o600 else { return opened }
            let result = chost_chmod(Int32(truncatingIfNeeded: opened), "", mode)
            if result < 0 { _ = chost_close(Int32(truncatingIfNeeded: opened)) }
            return result < 0 ? result : opened
        }
        return File(adopting: Int32(truncatingIfNeeded: opened), path: joined(path))
    }

    /// A device node, FIFO or socket: what `kind` says. EINVAL for other kinds.
    package func createSpecial(
        at path: FilePath, kind: FileMetadata.Kind, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0
    ) throws(SystemError) {
        let type: UInt32 =
            switch kind {
            case .characterDevice: 0o020000
            case .blockDevice: 0o060000
            case .fifo: 0o010000
            case .socket: 0o140000
            case .file, .directory, .symlink: 0
            }
        guard type != 0 else { throw SystemError("make the node", path: described(path), code: .invalidArgument) }
        _ = try onName("make the node", path) { parent, name in
            let made = chost_mknodat(parent, name, type | (mode & 0o7777), major, minor)
            return made < 0 ? made : chost_chmod(parent, name, mode & 0o7777)
        }
    }

    package func createDevice(
        at path: FilePath, isBlock: Bool = false, mode: UInt32, major: UInt32, minor: UInt32
    ) throws(SystemError) {
        try createSpecial(
            at: path, kind: isBlock ? .blockDevice : .characterDevice, mode: mode, major: major, minor: minor)
    }

    package func createFifo(at path: FilePath, mode: UInt32) throws(SystemError) {
        try createSpecial(at: path, kind: .fifo, mode: mode)
    }

    /// A second name for `target`; neither path's last component is followed.
    package func createHardLink(at path: FilePath, to target: FilePath) throws(SystemError) {
        try createHardLink(at: path, to: target, in: self)
    }

    /// A second name here for a file of another directory on the same file system.
    package func createHardLink(at path: FilePath, to target: FilePath, in other: Directory) throws(SystemError) {
        _ = try onName("link", path) { parent, name in
            do throws(SystemError) {
                return try other.onName("link to", target) { chost_linkat($0, $1, parent, name) }
            } catch { return -Int64(error.code.rawValue) }
        }
    }

    /// Replaces what is at `new`, atomically. EEXIST instead when `replacing` is false.
    package func rename(
        _ old: FilePath, to new: FilePath, in other: Directory? = nil, replacing: Bool = true
    ) throws(SystemError) {
        let flags: UInt32 = replacing ? 0 : UInt32(CHOST_RENAME_NOREPLACE)
        _ = try onName("rename", old) { parent, name in
            do throws(SystemError) {
                return try (other ?? self).onName("rename to", new) {
                    chost_renameat2(parent, name, $0, $1, flags)
                }
            } catch { return -Int64(error.code.rawValue) }
        }
    }

    /// Removes anything but a directory.
    package func remove(_ path: FilePath) throws(SystemError) {
        _ = try onName("remove", path) { chost_unlinkat($0, $1, false) }
    }

    /// Removes an empty directory.
    package func removeDirectory(_ path: FilePath) throws(SystemError) {
        _ = try onName("remove the directory", path) { chost_unlinkat($0, $1, true) }
    }

    // The following never follow a symlink in the last component.

    package func setOwner(at path: FilePath, uid: UInt32, gid: UInt32) throws(SystemError) {
        _ = try onFile("change the owner of", path, followLast: false) { chost_chown($0, $1, uid, gid) }
    }

    /// EOPNOTSUPP for a symlink.
    package func setMode(at path: FilePath, _ mode: UInt32) throws(SystemError) {
        _ = try onFile("change the mode of", path, followLast: false) { chost_chmod($0, $1, mode) }
    }

    /// Sets the modification and access times.
    package func setTimes(at path: FilePath, modified: Timestamp) throws(SystemError) {
        _ = try onFile("set the time of", path, followLast: false) {
            chost_set_modified($0, $1, modified.seconds, Int64(modified.nanoseconds))
        }
    }
}
