import Execution
import SystemPackage

/// `-v`, `--tmpfs` and `--add-host`.
enum MountArguments {
    /// `SRC:DST[:ro]`.
    static func volume(_ text: String) throws(UsageError) -> ContainerProcess.Mount {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty, parts[1].hasPrefix("/") else {
            throw UsageError("'--volume' is SOURCE:/TARGET[:ro], found \"\(text)\"")
        }
        guard parts[0].hasPrefix("/") || parts[0].hasPrefix(".") else {
            throw UsageError(
                "'--volume \(text)': named volumes do not exist here",
                help: "give a path: ./\(parts[0]):\(parts[1])")
        }
        var readOnly = false
        for option in parts.count == 3 ? parts[2].split(separator: ",") : [] {
            switch option {
            case "ro": readOnly = true
            // Labels and propagation of docker's that change nothing on this host.
            case "rw", "z", "Z", "rprivate", "private": break
            default: throw UsageError("'--volume \(text)': unknown option \"\(option)\"", help: "options are ro and rw")
            }
        }
        return ContainerProcess.Mount(target: parts[1], kind: .bind(source: parts[0], readOnly: readOnly))
    }

    /// The mount with the place it comes from as an absolute path: the runtime starts somewhere else.
    static func absolute(_ mount: ContainerProcess.Mount, from directory: String) -> ContainerProcess.Mount {
        guard case .bind(let source, let readOnly) = mount.kind, !source.hasPrefix("/") else { return mount }
        let path = FilePath(directory).pushing(FilePath(source)).lexicallyNormalized()
        return ContainerProcess.Mount(target: mount.target, kind: .bind(source: path.string, readOnly: readOnly))
    }

    /// `PATH[:size=64m,mode=1777]`.
    static func tmpfs(_ text: String) throws(UsageError) -> ContainerProcess.Mount {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let target = parts.first, target.hasPrefix("/") else {
            throw UsageError("'--tmpfs' is an absolute path, found \"\(text)\"")
        }
        var (size, mode): (Int64?, UInt32) = (nil, 0o1777)
        for option in parts.count == 2 ? parts[1].split(separator: ",") : [] {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch (pair[0], pair.count) {
            case ("size", 2): size = try MemorySize.bytes(pair[1], option: "--tmpfs size")
            case ("mode", 2):
                guard let bits = UInt32(pair[1], radix: 8), bits <= 0o7777 else {
                    throw UsageError("'--tmpfs \(text)': mode is octal, not \"\(pair[1])\"")
                }
                mode = bits
            // The kernel's own defaults, or already so.
            case ("rw", 1), ("nosuid", 1), ("nodev", 1), ("noexec", 1), ("exec", 1): break
            default:
                throw UsageError("'--tmpfs \(text)': unknown option \"\(option)\"", help: "options are size= and mode=")
            }
        }
        return ContainerProcess.Mount(target: target, kind: .tmpfs(sizeBytes: size, mode: mode))
    }

    /// `name:ip` or `name=ip`, as `name:ip`; an IPv6 address has colons of its own and may stand in brackets.
    static func host(_ text: String) throws(UsageError) -> String {
        guard let cut = text.firstIndex(where: { $0 == ":" || $0 == "=" }), cut != text.startIndex,
            text.index(after: cut) != text.endIndex
        else { throw UsageError("'--add-host' is HOST:IP, found \"\(text)\"") }
        var address = text[text.index(after: cut)...]
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        return "\(text[..<cut]):\(address)"
    }
}
