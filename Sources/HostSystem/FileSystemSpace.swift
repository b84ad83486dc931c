import Glibc
package import SystemPackage

/// How full the file system of a path is.
package struct FileSystemSpace: Sendable, Hashable {
    package var total: Int64
    /// For who is not root.
    package var available: Int64
    /// 0 where the file system counts no inodes.
    package var filesTotal: Int64
    package var filesAvailable: Int64

    /// nil when the path is not there.
    package init?(at path: FilePath) {
        var raw = statvfs()
        guard path.withPlatformString({ statvfs($0, &raw) }) == 0 else { return nil }
        let block = Int64(raw.f_frsize)
        total = Int64(clamping: raw.f_blocks) * block
        available = Int64(clamping: raw.f_bavail) * block
        filesTotal = Int64(clamping: raw.f_files)
        filesAvailable = Int64(clamping: raw.f_favail)
    }
}
