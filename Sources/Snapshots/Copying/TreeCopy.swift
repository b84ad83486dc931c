import HostSystem
import SystemPackage

/// Copies a tree with everything it has: owners, modes, times, attributes, hard links, special files, holes.
enum TreeCopy {
    /// Into an empty directory; the attributes of the root are copied too.
    static func copy(_ source: Directory, to target: Directory) throws {
        var copier = Copier(target: target)
        try TreeWalk.visit(source) { entry in
            try copier.copy(entry)
            return .descend
        }
        try copier.closeDirectories(below: 1)
        try FileAttributes(of: source).apply(to: target)
    }

    /// Over what is in `target`: directories are united and take the source's attributes, everything else is replaced.
    /// The root keeps its own.
    static func stack(_ source: Directory, on target: Directory) throws {
        let modified = try target.metadata().modified
        var copier = Copier(target: target, replaces: true)
        try TreeWalk.visit(source) { entry in
            try copier.copy(entry)
            return .descend
        }
        try copier.closeDirectories(below: 1)
        try target.setTimes(at: "", modified: modified)
    }

    private struct Copier {
        struct OpenDirectory {
            var directory: Directory
            /// To be set when everything is in it.
            var modified: Timestamp
        }
        struct Inode: Hashable { var device, number: UInt64 }

        let target: Directory
        /// There may be something in the way.
        var replaces = false
        /// The way down to where the walk is.
        var open: [OpenDirectory] = []
        /// First names of files that have several.
        var linked: [Inode: FilePath] = [:]

        mutating func copy(_ entry: TreeWalk.Entry) throws {
            try closeDirectories(below: entry.depth)
            let parent = open.last?.directory ?? target
            let name = entry.name
            let metadata = entry.metadata
            let isThere = replaces && metadata.kind == .directory && (try? parent.metadata(at: name))?.kind == .directory
            if replaces, !isThere { try parent.removeTree(name) }
            if metadata.links > 1, metadata.kind != .directory {
                let inode = Inode(device: metadata.device, number: metadata.inode)
                if let first = linked[inode] { return try parent.createHardLink(at: name, to: first, in: target) }
                linked[inode] = entry.path
            }
            let attributes = try FileAttributes(metadata, extended: entry.extendedAttributes())
            switch metadata.kind {
            case .directory:
                if !isThere { try parent.createDirectory(at: name, mode: 0o700) }
                let directory = try parent.directory(at: name, followLast: false)
                if isThere { try attributes.removeOthers(from: "", in: directory) }
                try attributes.apply(to: directory)
                open.append(OpenDirectory(directory: directory, modified: metadata.modified))
            case .file:
                let file = try parent.createFile(at: name, mode: 0o600)
                if metadata.size > 0 { try file.copyContents(from: entry.open()) }
                try attributes.apply(to: file)
            case .symlink:
                try parent.createSymlink(at: name, target: entry.symlinkTarget())
                try attributes.apply(to: name, kind: .symlink, in: parent)
            case .characterDevice, .blockDevice, .fifo, .socket:
                try parent.createSpecial(
                    at: name, kind: metadata.kind, mode: metadata.mode, major: metadata.deviceMajor,
                    minor: metadata.deviceMinor)
                try attributes.apply(to: name, kind: metadata.kind, in: parent)
            }
        }

        /// Leaves the directories that an entry of this depth is not in.
        mutating func closeDirectories(below depth: Int) throws {
            while open.count >= depth, let last = open.popLast() {
                try last.directory.setTimes(at: "", modified: last.modified)
            }
        }
    }
}
