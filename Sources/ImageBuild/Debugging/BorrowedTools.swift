import Execution
import HostSystem
import SystemPackage

/// Programs of the host, or of ours, lent to a root that has none: mounted read-only at `/.jettison` for as long as
/// somebody is in it.
struct BorrowedTools {
    static let target = "/.jettison"
    static let path = target + "/bin"

    enum Shell {
        /// A static busybox of the host's.
        case busybox
        /// This program, which has a small shell in it.
        case own(arguments: [String])
    }

    let shell: Shell
    let mounts: [ContainerProcess.Mount]
    /// What is mounted; goes with this value.
    private let directory: TemporaryDirectory

    init(searchPath: String, temporary: FilePath) throws {
        _ = try Directory.making(temporary)
        let lent = try TemporaryDirectory(in: temporary, prefix: "debug-")
        directory = lent
        try lent.directory.setMode(at: ".", 0o755)
        let bin = try lent.directory.createDirectories(at: "bin", mode: 0o755)
        let whole = ContainerProcess.Mount(target: Self.target, kind: .bind(source: lent.path.string, readOnly: true))
        if let busybox = Self.staticBusybox(searchPath) {
            let copy = try bin.createFile(at: "busybox", mode: 0o755)
            try copy.copyContents(from: try File(opening: busybox))
            try copy.setMode(0o755)
            for name in Self.applets { try bin.createSymlink(at: FilePath(name), target: "busybox") }
            (shell, mounts) = (.busybox, [whole])
        } else {
            let (arguments, own) = try Self.lendOwnProgram(in: lent.directory)
            (shell, mounts) = (.own(arguments: arguments), [whole] + own)
        }
    }

    /// This program with its libraries, file by file on top of empty ones, and how it is started there.
    private static func lendOwnProgram(
        in directory: Directory
    ) throws -> (arguments: [String], mounts: [ContainerProcess.Mount]) {
        let own = try OwnProgram.ofThisProcess()
        _ = try directory.createDirectories(at: "lib", mode: 0o755)
        var mounts: [ContainerProcess.Mount] = []
        func lend(_ file: FilePath, as name: String) throws {
            _ = try directory.createFile(at: FilePath(name), mode: 0o755)
            mounts.append(.init(target: target + "/" + name, kind: .bind(source: file.string, readOnly: true)))
        }
        try lend(own.executable, as: "jettison")
        for library in own.libraries {
            let name = library.lastComponent?.string ?? ""
            try lend(library, as: "lib/" + name)
            // `libx.so.6.0.30` is looked for as `libx.so.6`.
            var short = name
            while let dot = short.lastIndex(of: "."), !short.hasSuffix(".so") {
                short = String(short[..<dot])
                try? directory.createSymlink(at: FilePath("lib/" + short), target: FilePath(name))
            }
        }
        let arguments = [target + "/jettison", DebugSession.shellWord]
        guard let loader = own.loader else { return (arguments, mounts) }
        try lend(loader, as: "lib/ld.so")
        return ([target + "/lib/ld.so", "--library-path", target + "/lib"] + arguments, mounts)
    }

    /// An interactive shell.
    var interactive: [String] {
        switch shell {
        case .busybox: [Self.path + "/busybox", "sh"]
        case .own(let arguments): arguments
        }
    }

    /// A command that the root does not have; nil when we do not have it either.
    func command(_ arguments: [String]) -> [String]? {
        guard let name = arguments.first else { return nil }
        switch shell {
        case .busybox: return Self.applets.contains(name) ? [Self.path + "/busybox"] + arguments : nil
        case .own(let own): return own + ["-c"] + arguments
        }
    }

    private static func staticBusybox(_ searchPath: String) -> FilePath? {
        let usual: [FilePath] = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox-static", "/usr/local/bin/busybox"]
        let found = HostFacts.program("busybox", searchPath: searchPath).map { [$0] } ?? []
        return (found + usual).first { HostFacts.isExecutable($0) && StaticProgram.isStatic($0) }
    }

    /// What people reach for; a busybox that lacks one says so.
    static let applets = [
        "ash", "awk", "basename", "cat", "chmod", "chown", "clear", "cmp", "cp", "cut", "date", "dd", "df", "diff", "dirname",
        "du", "echo", "env", "expr", "false", "find", "free", "getopt", "grep", "egrep", "gunzip", "gzip", "head", "hexdump", "hostname",
        "id", "kill", "less", "ln", "ls", "md5sum", "mkdir", "mktemp", "more", "mount", "mv", "nc", "nslookup", "od", "ping", "printenv",
        "printf", "ps", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq", "sh", "sha256sum", "sleep", "sort",
        "stat", "strings", "tail", "tar", "tee", "test", "time", "top", "touch", "tr", "true", "umount", "uname", "uniq", "vi", "wc",
        "wget", "which", "whoami", "xargs", "xxd", "yes", "zcat",
    ]
}
