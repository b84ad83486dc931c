package import SystemPackage

import CHost

/// A lock between processes (and between instances within one) on an open file: flock(2). The kernel lets go of it
/// when the holder dies, so a lock that can be taken proves that its owner is gone. Released on deinit.
package final class FileLock: Sendable {
    package enum Mode: Sendable { case shared, exclusive }
    /// The locked file, open for reading and writing.
    package let file: File

    private init(file: File) { self.file = file }

    /// Waits. Creates the file when it is missing.
    package static func acquire(_ path: FilePath, _ mode: Mode = .exclusive) throws(SystemError) -> FileLock {
        let file = try File(opening: path, options: [.read, .write, .create])
        try check(chost_flock(file.descriptor, mode == .exclusive, true), "lock", path.string)
        return FileLock(file: file)
    }

    /// nil when somebody else holds it.
    package static func tryAcquire(_ path: FilePath, _ mode: Mode = .exclusive) throws(SystemError) -> FileLock? {
        let file = try File(opening: path, options: [.read, .write, .create])
        return try tryAcquire(file, mode)
    }

    /// Locks a file that is open already; nil when somebody else holds it.
    package static func tryAcquire(_ file: File, _ mode: Mode = .exclusive) throws(SystemError) -> FileLock? {
        let result = chost_flock(file.descriptor, mode == .exclusive, false)
        if result == -Int64(Errno.wouldBlock.rawValue) { return nil }
        try check(result, "lock", file.path.string)
        return FileLock(file: file)
    }

    /// Lets go before deinit. A descriptor that a child process inherited would keep the lock otherwise.
    package func release() { _ = chost_unlock(file.descriptor) }

    deinit { release() }
}
