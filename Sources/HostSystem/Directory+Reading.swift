import CHost
import Glibc
package import SystemPackage

extension Directory {
    /// A directory below, usable as a root of its own.
    package func directory(at path: FilePath, followLast: Bool = true) throws(SystemError) -> Directory {
        let flags = O_PATH | O_DIRECTORY | (followLast ? 0 : O_NOFOLLOW)
        let result = path.withPlatformString { chost_open_in_root(descriptor, $0, flags, 0) }
        let opened = try check(result, "open the directory", described(path))
        return Directory(adopting: Int32(truncatingIfNeeded: opened), path: joined(path))
    }

    /// A directory below, when no symlink is on the way: ELOOP otherwise.
    package func directory(beneath path: FilePath) throws(SystemError) -> Directory {
        let result = path.withPlatformString { chost_open_beneath(descriptor, $0, O_PATH | O_DIRECTORY, 0) }
        let opened = try check(result, "open the directory", described(path))
        return Directory(adopting: Int32(truncatingIfNeeded: opened), path: joined(path))
    }

    package func metadata(at path: FilePath, followLast: Bool = false) throws(SystemError) -> FileMetadata {
        var raw = chost_metadata()
        _ = try onFile("look at", path, followLast: followLast) { chost_metadata_at($0, $1, false, &raw) }
        return FileMetadata(raw)
    }

    /// Of this directory itself.
    package func metadata() throws(SystemError) -> FileMetadata {
        var raw = chost_metadata()
        try check(chost_metadata_at(descriptor, "", false, &raw), "look at", path.string)
        return FileMetadata(raw)
    }

    /// False also when the way to it cannot be searched.
    package func exists(_ path: FilePath, followLast: Bool = false) -> Bool {
        (try? metadata(at: path, followLast: followLast)) != nil
    }

    /// The target as stored, unresolved.
    package func symlinkTarget(at path: FilePath) throws(SystemError) -> FilePath {
        var buffer = [CChar](repeating: 0, count: 4097)
        _ = try onName("read the symbolic link", path) { parent, name in
            buffer.withUnsafeMutableBufferPointer { chost_readlinkat(parent, name, $0.baseAddress, 4096) }
        }
        return FilePath(platformString: buffer)
    }

    /// Opens a file below. Never blocks on a FIFO, never becomes the controlling terminal.
    /// - Parameter mode: the permissions when it is created, before the process's umask.
    package func openFile(
        at path: FilePath, options: OpenOptions = .read, mode: UInt32 = 0o644
    ) throws(SystemError) -> File {
        let result = path.withPlatformString { chost_open_in_root(descriptor, $0, options.flags, mode) }
        let opened = try check(result, options.contains(.create) ? "create" : "open", described(path))
        return File(adopting: Int32(truncatingIfNeeded: opened), path: joined(path))
    }

    /// A regular file's bytes. EFBIG when there are more than `limit`, EINVAL when it is no regular file.
    package func readFile(at path: FilePath, limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        try openFile(at: path).readAll(limit: limit)
    }

    /// The names in this directory in no particular order, without `.` and `..`.
    package func entries() throws(SystemError) -> [DirectoryEntry] {
        let readable = try check(
            chost_openat(descriptor, ".", O_RDONLY | O_DIRECTORY, 0), "list the directory", path.string)
        let list = Int32(truncatingIfNeeded: readable)
        defer { _ = chost_close(list) }
        var found: [DirectoryEntry] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try check(
                chost_getdents(list, buffer.baseAddress, buffer.count), "list the directory", path.string)
            if count == 0 { return found }
            var records = DirectoryRecords(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]))
            while let (name, type) = records.next() {
                guard let component = FilePath.Component(platformString: name) else { continue }
                if let kind = FileMetadata.Kind(directoryType: type) {
                    found.append(DirectoryEntry(name: component, kind: kind))
                } else {
                    let kind = try metadata(at: FilePath(root: nil, [component])).kind
                    found.append(DirectoryEntry(name: component, kind: kind))
                }
            }
        }
    }
}
