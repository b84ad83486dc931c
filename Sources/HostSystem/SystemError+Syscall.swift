import SystemPackage

// The one place where an errno becomes words.

extension SystemError: CustomStringConvertible {
    package var description: String {
        var text = "cannot \(call)"
        if let path { text += " \(path)" }
        text += ": \(reason)"
        if let detail { text += " (\(detail))" }
        return text
    }

    /// What to do about it, if there is something to do: imperative, no full stop.
    package var remedy: String? {
        switch code {
        case .noSpace:
            let room = "free some space with \"jettison image prune\", or keep the store on a bigger disk with --root"
            return path.flatMap { fileSystem(holding: $0) }.map { "the file system at \($0) is full: \(room)" } ?? room
        case Self.quotaExceeded:
            return "your disk quota is used up: remove files of yours, or keep the store elsewhere with --root"
        case .permissionDenied, .notPermitted:
            return HostIdentity.isRoot
                ? "root was refused: look for a read-only or network file system, an immutable file, or a container around this process"
                : "run as root (sudo), or make the path yours"
        case .readOnlyFileSystem: return "name a directory on a writable file system, for the store with --root"
        case .tooManyOpenFiles: return "raise the limit on open files: ulimit -n 20000"
        case .tooManyOpenFilesInSystem: return "the whole machine has too many open files: raise fs.file-max"
        case .noFunction: return "a newer kernel is needed: Linux 5.11 or later"
        case .tooManySymbolicLinkLevels: return "look for a symbolic link that leads back to itself"
        case .improperLink: return "both paths must be on one file system"
        default: return nil
        }
    }

    static let quotaExceeded = Errno(rawValue: 122)

    private var reason: String {
        switch code {
        case .noSpace: "no space left on the device"
        case Self.quotaExceeded: "the disk quota is used up"
        case .noSuchFileOrDirectory: "there is no such file or directory"
        case .fileExists: "it exists already"
        case .notDirectory: "a part of the path is not a directory"
        case .isDirectory: "it is a directory"
        case .directoryNotEmpty: "the directory is not empty"
        case .permissionDenied: "permission denied"
        case .notPermitted: "the operation is not permitted"
        case .readOnlyFileSystem: "the file system is read-only"
        case .tooManyOpenFiles: "this process has too many open files"
        case .tooManyOpenFilesInSystem: "the machine has too many open files"
        case .tooManySymbolicLinkLevels: "too many symbolic links, or one that must not be followed"
        case .improperLink: "source and target are on different file systems, or the path leads outside"
        case .fileNameTooLong: "the name is too long"
        case .fileTooLarge: "the file is too large for the file system"
        case .noMemory: "out of memory"
        case .resourceBusy: "it is in use"
        case .ioError: "input/output error: the disk or its driver reports a failure"
        case .noFunction: "this kernel does not know the system call"
        case .notSupported, .notSupportedOnSocket: "the file system does not support it"
        case .invalidArgument: "the kernel refused the argument"
        case .tooManyLinks: "the file has too many hard links"
        case Errno(rawValue: 19): "this kernel does not know the file system or device"
        case .wouldBlock: "somebody else holds it"
        default: code.description
        }
    }

    /// The mount point of the file system that `path` is on, or would be on.
    private func fileSystem(holding path: String) -> String? {
        var current = FilePath(path)
        guard current.isAbsolute else { return nil }
        var device = (try? FileMetadata(at: current))?.device
        while let parent = current.parent {
            let above = (try? FileMetadata(at: parent))?.device
            if let device, let above, device != above { return current.string }
            device = device ?? above
            current = parent
        }
        return "/"
    }
}

extension FilePath {
    /// The path without its last component; nil at the top.
    fileprivate var parent: FilePath? {
        let shorter = removingLastComponent()
        return shorter == self || shorter.isEmpty ? nil : shorter
    }
}
