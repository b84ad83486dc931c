package import SystemPackage

/// A fresh directory of mode 0700 that is removed with all its content on deinit.
package final class TemporaryDirectory: Sendable {
    package let path: FilePath
    package let directory: Directory
    private let parent: Directory
    private let name: FilePath

    package init(in parent: FilePath = "/tmp", prefix: String = "jettison-") throws(SystemError) {
        self.parent = try Directory(opening: parent)
        var generator = SystemRandomNumberGenerator()
        name = FilePath(prefix + String(generator.next(), radix: 36))
        path = parent.pushing(name)
        try self.parent.createDirectory(at: name, mode: 0o700)
        directory = try self.parent.directory(at: name, followLast: false)
    }

    /// Removes it now. Nothing there is no error.
    package func remove() throws(SystemError) { try parent.removeTree(name) }

    deinit { try? remove() }
}
