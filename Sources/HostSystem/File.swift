import CHost
import Glibc
package import SystemPackage

/// An open file. Closes itself; keep it alive as long as `descriptor` is in use.
package final class File: Sendable {
    package let descriptor: Int32
    /// For messages only.
    package let path: FilePath

    /// Opens a file of the host, not confined to any root.
    package init(opening path: FilePath, options: OpenOptions = .read, mode: UInt32 = 0o644) throws(SystemError) {
        let result = path.withPlatformString { chost_open($0, options.flags, mode) }
        descriptor = Int32(
            truncatingIfNeeded: try check(result, options.contains(.create) ? "create" : "open", path.string))
        self.path = path
    }

    /// Takes over an open descriptor.
    package init(adopting descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = chost_close(descriptor) }

    package func metadata() throws(SystemError) -> FileMetadata {
        var raw = chost_metadata()
        try check(chost_metadata_at(descriptor, "", false, &raw), "look at", path.string)
        return FileMetadata(raw)
    }

    /// Reads at the file's position; 0 only at the end (or for an empty buffer).
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        Int(try check(chost_read(descriptor, buffer.baseAddress, buffer.count), "read", path.string))
    }

    /// Reads at `offset`, wherever the position is.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        Int(try check(chost_pread(descriptor, buffer.baseAddress, buffer.count, offset), "read", path.string))
    }

    /// From the start. EFBIG when there are more than `limit` bytes, EINVAL when it is no regular file.
    package func readAll(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        let found = try metadata()
        guard found.kind == .file else {
            throw SystemError(
                "read", path: path.string, code: found.kind == .directory ? .isDirectory : .invalidArgument,
                detail: "not a regular file")
        }
        guard found.size <= Int64(limit) else {
            throw SystemError("read", path: path.string, code: .fileTooLarge, detail: "more than \(limit) bytes")
        }
        // One more byte than the size says, so that the end shows itself in the same call; files in /proc say 0.
        var capacity = max(Int(found.size) + 1, 4096)
        var bytes: [UInt8] = []
        while true {
            var result: Int64 = 0
            let offset = Int64(bytes.count)
            let part = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                result = chost_pread(descriptor, buffer.baseAddress, buffer.count, offset)
                count = max(0, Int(result))
            }
            try check(result, "read", path.string)
            if part.isEmpty { return bytes }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            guard bytes.count <= limit else {
                throw SystemError("read", path: path.string, code: .fileTooLarge, detail: "more than \(limit) bytes")
            }
            capacity = part.count < capacity ? 4096 : 1 << 20
        }
    }

    /// Writes everything at the file's position.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = try check(
                chost_write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done), "write", path.string)
            done += Int(count)
        }
    }

    package func write(_ bytes: [UInt8]) throws(SystemError) {
        let result = bytes.withUnsafeBytes { buffer -> Result<Void, SystemError> in
            do throws(SystemError) { return .success(try write(buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Writes everything at `offset`, wherever the position is.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let count = try check(
                chost_pwrite(
                    descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, offset + Int64(done)),
                "write", path.string)
            done += Int(count)
        }
    }

    /// Sets the size; what is added is a hole.
    package func truncate(to size: Int64) throws(SystemError) {
        try check(chost_truncate(descriptor, size), "resize", path.string)
    }

    /// Reserves space, so that later writes do not fail for lack of it. File systems that cannot are left alone.
    package func allocate(_ size: Int64) throws(SystemError) {
        let result = chost_allocate(descriptor, size)
        if result != -Int64(EOPNOTSUPP) { try check(result, "reserve space for", path.string) }
    }

    package func seek(to offset: Int64) throws(SystemError) {
        try check(chost_seek(descriptor, offset), "seek in", path.string)
    }

    /// Waits until data and metadata are on the disk.
    package func sync() throws(SystemError) { try check(chost_sync(descriptor), "sync", path.string) }

    /// Tells the kernel that it will be read from start to end, once.
    package func expectSequentialReads() { _ = chost_sequential(descriptor) }

    package func setOwner(uid: UInt32, gid: UInt32) throws(SystemError) {
        try check(chost_chown(descriptor, "", uid, gid), "change the owner of", path.string)
    }
    package func setMode(_ mode: UInt32) throws(SystemError) {
        try check(chost_chmod(descriptor, "", mode), "change the mode of", path.string)
    }
    package func setTimes(modified: Timestamp) throws(SystemError) {
        try check(
            chost_set_modified(descriptor, "", modified.seconds, Int64(modified.nanoseconds)), "set the time of",
            path.string)
    }
    package func setExtendedAttribute(_ key: String, to value: [UInt8]) throws(SystemError) {
        let result = value.withUnsafeBytes { chost_setxattr(descriptor, "", key, $0.baseAddress, $0.count) }
        try check(result, "set the extended attribute \(key) of", path.string)
    }
    package func extendedAttributes() throws(SystemError) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        try check(
            ExtendedAttributes.readAll(descriptor, "", into: &found), "read the extended attributes of", path.string)
        return found
    }
}
