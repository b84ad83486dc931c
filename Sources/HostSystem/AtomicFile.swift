package import SystemPackage

/// Replaces a whole file at once: readers see the old bytes or the new ones, never a part.
package struct AtomicFile {
    /// - Parameter durable: also waits for the disk, so that a power cut leaves the old or the new file as well.
    package static func write(
        _ bytes: [UInt8], to path: FilePath, mode: UInt32 = 0o644, durable: Bool = false
    ) throws(SystemError) {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw SystemError("write", path, .invalidArgument)
        }
        let parent = path.removingLastComponent()
        let directory = try Directory(opening: parent.isEmpty ? "." : parent)
        try directory.writeFile(bytes, at: FilePath(root: nil, [name]), mode: mode, durable: durable)
    }
}

extension Directory {
    /// Like `AtomicFile.write`, inside this root.
    package func writeFile(
        _ bytes: [UInt8], at path: FilePath, mode: UInt32 = 0o644, durable: Bool = false
    ) throws(SystemError) {
        var generator = SystemRandomNumberGenerator()
        let temporary = path.removingLastComponent().appending(".tmp-" + String(generator.next(), radix: 36))
        let file = try createFile(at: temporary, mode: mode)
        do {
            try file.write(bytes)
            if durable { try file.sync() }
            try rename(temporary, to: path)
            // The rename itself is on the disk only when the directory is.
            if durable {
                let parent = path.removingLastComponent()
                try openFile(at: parent.isEmpty ? "." : parent).sync()
            }
        } catch {
            try? remove(temporary)
            throw error
        }
    }
}
