import HostSystem
import SystemPackage

/// A file that may be thrown away at any time, in a directory that is made when it is first needed.
enum CacheFile {
    static func write(_ bytes: [UInt8], to path: FilePath) throws(SystemError) {
        do {
            try AtomicFile.write(bytes, to: path)
        } catch {
            guard error.code == .noSuchFileOrDirectory else { throw error }
            let directory = path.removingLastComponent()
            let top = try Directory(opening: directory.isAbsolute ? "/" : ".")
            _ = try top.createDirectories(at: directory, mode: 0o700)
            try AtomicFile.write(bytes, to: path)
        }
    }
}
