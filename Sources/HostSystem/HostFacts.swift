import CHost
package import SystemPackage

/// What is so on this host, asked anew each time.
package enum HostFacts {
    package struct Limit: Sendable, Hashable {
        package var soft: UInt64
        package var hard: UInt64
    }

    /// On descriptors a process.
    package static var openFiles: Limit? {
        var limit = Limit(soft: 0, hard: 0)
        return chost_open_file_limit(&limit.soft, &limit.hard) == 0 ? limit : nil
    }

    /// uname(2): `6.1.0-18-amd64` and `x86_64`.
    package static let kernel: (release: String, machine: String) = {
        var release = [CChar](repeating: 0, count: 65)
        var machine = release
        chost_kernel(&release, &machine)
        return (text(release), text(machine))
    }()

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func isTerminal(_ descriptor: Int32) -> Bool { chost_is_terminal(descriptor) }

    package static func isExecutable(_ path: FilePath) -> Bool {
        guard (try? FileMetadata(at: path))?.kind == .file else { return false }
        return path.withPlatformString { chost_is_executable($0) }
    }

    /// The first program of this name in the directories of a search path (`PATH`, with colons).
    package static func program(_ name: String, searchPath: String) -> FilePath? {
        for directory in searchPath.split(separator: ":") where directory.hasPrefix("/") {
            let path = FilePath(String(directory)).appending(name)
            if isExecutable(path) { return path }
        }
        return nil
    }
}
