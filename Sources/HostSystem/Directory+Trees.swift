import CHost
import Glibc
package import SystemPackage

extension Directory {
    /// `mkdir -p` inside the root: existing symlinks are followed, dangling ones lead to a new directory at their
    /// target, and the result is opened. `mode` (exact) and `owner` apply only to what is made.
    package func createDirectories(
        at path: FilePath, mode: UInt32 = 0o755, owner: FileOwner? = nil
    ) throws(SystemError) -> Directory {
        var links = 0
        try makeDirectories(path, mode, owner, &links)
        return try directory(at: path)
    }

    private func makeDirectories(
        _ path: FilePath, _ mode: UInt32, _ owner: FileOwner?, _ links: inout Int
    ) throws(SystemError) {
        if path.namesTheRoot { return }
        let found = path.withPlatformString { chost_open_in_root(descriptor, $0, O_PATH | O_DIRECTORY, 0) }
        if found >= 0 {
            _ = chost_close(Int32(truncatingIfNeeded: found))
            return
        }
        guard found == -Int64(ENOENT) else {
            try check(found, "make the directory", described(path))
            return
        }
        let parent = path.removingLastComponent()
        try makeDirectories(parent, mode, owner, &links)
        guard path.endsInName else { return }
        do {
            try createDirectory(at: path, mode: mode)
            if let owner { try setOwner(at: path, uid: owner.uid, gid: owner.gid) }
        } catch where error.code == .fileExists {
            // Somebody else made it, or the name is a symlink to nothing.
            guard let target = try? symlinkTarget(at: path) else { return }
            links += 1
            guard links <= 40 else {
                throw SystemError("make the directory", path: described(path), code: .tooManySymbolicLinkLevels)
            }
            try makeDirectories(parent.pushing(target), mode, owner, &links)
        }
    }

    /// Removes whatever is at `path`: a file, a link (not its target), or a directory with all that it holds.
    /// Nothing there is no error. Never follows a symlink, never leaves the root.
    package func removeTree(_ path: FilePath) throws(SystemError) {
        let result: Int64
        do {
            result = try onName("remove", path) { TreeRemoval.remove($0, $1, depth: 0) }
        } catch where error.code == .noSuchFileOrDirectory { return }
        _ = result
    }

    /// Removes all that this directory holds, but not the directory.
    package func removeContents() throws(SystemError) {
        try check(TreeRemoval.empty(descriptor, depth: 0), "empty the directory", path.string)
    }
}

private enum TreeRemoval {
    /// Deeper trees are refused: every level costs a descriptor and some stack.
    static let deepest = 4000

    static func remove(_ parent: Int32, _ name: UnsafePointer<CChar>, depth: Int) -> Int64 {
        let unlinked = chost_unlinkat(parent, name, false)
        guard unlinked == -Int64(EISDIR) || unlinked == -Int64(EPERM) else { return unlinked }
        let removed = chost_unlinkat(parent, name, true)
        if removed == 0 { return 0 }
        guard removed == -Int64(ENOTEMPTY) || removed == -Int64(EEXIST) else {
            return removed == -Int64(ENOTDIR) ? unlinked : removed
        }
        guard depth < deepest else { return -Int64(ENAMETOOLONG) }
        let opened = chost_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard opened >= 0 else { return opened }
        let directory = Int32(truncatingIfNeeded: opened)
        defer { _ = chost_close(directory) }
        let emptied = empty(directory, depth: depth + 1)
        return emptied < 0 ? emptied : chost_unlinkat(parent, name, true)
    }

    static func empty(_ directory: Int32, depth: Int) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
        defer { buffer.deallocate() }
        // Removing while listing may skip names on some file systems: list again until a pass finds nothing.
        while true {
            let opened = chost_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0)
            guard opened >= 0 else { return opened }
            let list = Int32(truncatingIfNeeded: opened)
            defer { _ = chost_close(list) }
            var removedSomething = false
            while true {
                let count = chost_getdents(list, buffer.baseAddress, buffer.count)
                if count < 0 { return count }
                if count == 0 { break }
                var records = DirectoryRecords(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]))
                while let (name, _) = records.next() {
                    let result = remove(directory, name, depth: depth)
                    if result < 0, result != -Int64(ENOENT) { return result }
                    removedSomething = true
                }
            }
            if !removedSomething { return 0 }
        }
    }
}

extension Directory {
    /// The directory at a path of the host, made with those above it when it is missing.
    package static func making(_ path: FilePath, mode: UInt32 = 0o755) throws(SystemError) -> Directory {
        do throws(SystemError) { return try Directory(opening: path) } catch {
            guard error.code == .noSuchFileOrDirectory, let name = path.lastComponent, name.kind == .regular else {
                throw error
            }
            let above = path.removingLastComponent()
            let parent = try making(above.isEmpty ? "." : above, mode: mode)
            let here = FilePath(root: nil, [name])
            do throws(SystemError) { try parent.createDirectory(at: here, mode: mode) } catch {
                // Another process was faster.
                guard error.code == .fileExists else { throw error }
            }
            return try parent.directory(at: here)
        }
    }
}
