import CHost
import Glibc
package import SystemPackage

/// An open directory that serves as a root: every relative path given to it is resolved *inside*, symlinks, `..` and
/// absolute paths included (openat2 with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS), so that no tree, however hostile,
/// leads anywhere else. Calls that create or remove act on the opened parent and one validated name.
/// Closes itself; keep it alive as long as `descriptor` is in use.
package final class Directory: Sendable {
    /// O_PATH or readable.
    package let descriptor: Int32
    /// For messages only.
    package let path: FilePath

    /// Opens a directory of the host; symlinks in `path` are followed.
    package convenience init(opening path: FilePath) throws(SystemError) { try self.init(opening: path, called: path) }

    /// Opens a directory of the host that messages know by another name: the root of a file system is `/`.
    package init(opening path: FilePath, called name: FilePath) throws(SystemError) {
        let result = path.withPlatformString { chost_open($0, O_PATH | O_DIRECTORY, 0) }
        descriptor = Int32(truncatingIfNeeded: try check(result, "open the directory", path.string))
        self.path = name
    }

    /// Takes over an open directory descriptor.
    package init(adopting descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { _ = chost_close(descriptor) }

    /// `inner` below this directory, for messages.
    func described(_ inner: FilePath) -> String { joined(inner).string }

    func joined(_ inner: FilePath) -> FilePath {
        let inner = inner.isAbsolute ? inner.removingRoot() : inner
        return inner.isEmpty ? path : path.pushing(inner)
    }

    /// Calls `body` with the directory that holds the last component of `path` and that component.
    func onName(
        _ call: String, _ path: FilePath, _ body: (Int32, UnsafePointer<CChar>) -> Int64
    ) throws(SystemError) -> Int64 {
        let result = path.withPlatformString { text -> Int64 in
            var name = text
            let parent = withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: 1) {
                    chost_open_parent(descriptor, text, $0)
                }
            }
            guard parent >= 0 else { return parent }
            let opened = Int32(truncatingIfNeeded: parent)
            defer { if opened != descriptor { _ = chost_close(opened) } }
            return body(opened, name)
        }
        return try check(result, call, described(path))
    }

    /// Calls `body` with a descriptor and name of the file itself; the name is empty when `path` names this directory
    /// or when the last component was a symlink to be followed.
    func onFile(
        _ call: String, _ path: FilePath, followLast: Bool, _ body: (Int32, UnsafePointer<CChar>) -> Int64
    ) throws(SystemError) -> Int64 {
        if path.namesTheRoot { return try check(body(descriptor, ""), call, self.path.string) }
        if !followLast, path.endsInName { return try onName(call, path, body) }
        let flags = O_PATH | (followLast ? 0 : O_NOFOLLOW)
        let result = path.withPlatformString { text -> Int64 in
            let opened = chost_open_in_root(descriptor, text, flags, 0)
            guard opened >= 0 else { return opened }
            defer { _ = chost_close(Int32(truncatingIfNeeded: opened)) }
            return body(Int32(truncatingIfNeeded: opened), "")
        }
        return try check(result, call, described(path))
    }
}

extension FilePath {
    /// "", "/" or ".".
    var namesTheRoot: Bool {
        withPlatformString { text in
            text[0] == 0 || ((text[0] == 47 || text[0] == 46) && text[1] == 0)
        }
    }

    /// Whether the last component is a name, neither `.` nor `..`.
    /// Reads the bytes: `components` of a path makes a path for each.
    var endsInName: Bool {
        withPlatformString { text in
            let length = strlen(text)
            var start = length
            while start > 0, text[start - 1] != 47 { start -= 1 }
            let name = UnsafeBufferPointer(start: text + start, count: length - start)
            return !name.isEmpty && !(name.allSatisfy { $0 == 46 } && name.count <= 2)
        }
    }
}
