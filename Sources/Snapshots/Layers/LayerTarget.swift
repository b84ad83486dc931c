import Archives
import HostSystem
import SystemPackage

/// Where a layer's changes go: the upper directory of an overlay, written directly (a mount would cost several times as
/// much a file), or a plain tree that is a copy of the parent.
///
/// Directly means that the view of what lies below is missing, and that three things must be made as overlayfs would:
/// a parent directory that only the layers below have, the target of a hard link that only they have, and the marks
/// for what is removed. `below` is the read-only view of them; a plain tree has none, everything is in `tree`.
struct LayerTarget {
    let tree: Directory
    let below: Directory?
    /// A plain tree: removing removes.
    let isPlain: Bool
    private var contents: EntryContents
    /// The parent of the last entry, as the layer names it.
    private var parent: (path: FilePath, place: Place)?
    /// Times of directories, to be set when everything is in them. Paths are resolved ones.
    private var times: [(path: FilePath, modified: Timestamp)] = []
    /// What this layer wrote: its own whiteouts do not apply to that (image-spec layer.md, "Whiteouts"). Plain trees
    /// only; in an upper directory there is nothing else.
    private var written: Set<FilePath> = []

    /// A directory of the tree and where it really is.
    struct Place {
        var directory: Directory
        /// From the root of the tree, through no symlink.
        var path: FilePath
    }

    init(_ root: RootFilesystem, isBottom: Bool) throws {
        switch root {
        case .directory(let path):
            tree = try Directory(opening: path)
            below = nil
            isPlain = true
        case .overlay(let layout):
            guard let upper = layout.upper else {
                throw SystemError("write to", path: layout.lowers.first?.string, code: .readOnlyFileSystem)
            }
            tree = try Directory(opening: upper)
            below = isBottom ? nil : try RootFilesystem.overlay(OverlayLayout(lowers: layout.lowers)).open()
            isPlain = false
        }
        contents = EntryContents()
        times.append(("", try tree.metadata().modified))
    }

    /// Adds or replaces what the entry says.
    mutating func add(_ entry: TarEntry, from reader: inout LayerReader) throws {
        let attributes = FileAttributes(entry)
        guard let name = entry.path.lastComponent, name.kind == .regular else {
            guard entry.kind == .directory else { throw refused(entry.path, "it would replace the root directory") }
            try attributes.removeOthers(from: "", in: tree)
            try attributes.apply(to: tree)
            times.append(("", entry.modified))
            return
        }
        let place = try self.place(of: entry.path.removingLastComponent())
        let new = NewFile(name: FilePath(root: nil, [name]), place: place, attributes: attributes)
        note(new.path)
        switch entry.kind {
        case .file:
            let file = try replacing(new) { () throws(SystemError) in
                try place.directory.createFile(at: new.name, mode: 0o600)
            }
            try contents.write(entry.size, from: &reader, to: file)
            try attributes.apply(to: file)
        case .directory:
            try addDirectory(new)
        case .symlink(let target):
            try replacing(new) { () throws(SystemError) in
                try place.directory.createSymlink(at: new.name, target: target)
            }
            try attributes.apply(to: new.name, kind: .symlink, in: place.directory)
        case .hardLink(let target):
            try addHardLink(new, to: target)
        case .characterDevice(let major, let minor):
            guard major != 0 || minor != 0 else {
                throw refused(entry.path, "the character device 0:0 is overlayfs's own mark for what is removed")
            }
            try addSpecial(new, .characterDevice, major, minor)
        case .blockDevice(let major, let minor): try addSpecial(new, .blockDevice, major, minor)
        case .fifo: try addSpecial(new, .fifo, 0, 0)
        }
    }

    /// Sets what had to wait. Nothing may be added after that.
    mutating func finish() throws {
        for (path, modified) in times {
            // A later entry may have put something else there.
            guard let found = try? tree.metadata(at: path), found.kind == .directory else { continue }
            try tree.setTimes(at: path, modified: modified)
        }
        times = []
    }

    /// A file about to be made.
    private struct NewFile {
        var name: FilePath
        var place: Place
        var attributes: FileAttributes
        var path: FilePath { place.path.pushing(name) }
    }

    private func refused(_ path: FilePath, _ reason: String) -> SnapshotError { .refusedEntry(path: path, reason: reason) }

    private mutating func note(_ path: FilePath) {
        guard isPlain else { return }
        var path = path
        while !path.isEmpty, written.insert(path).inserted { path.removeLastComponent() }
    }

    /// Runs `create`; when the name is taken, removes what is there and runs it again.
    private mutating func replacing<T>(_ new: NewFile, _ create: () throws(SystemError) -> T) throws -> T {
        do { return try create() } catch {
            guard error.code == .fileExists else { throw error }
        }
        try clear(new)
        return try create()
    }

    private mutating func clear(_ new: NewFile) throws {
        // What was opened or is to be dated may be what goes.
        parent = nil
        try new.place.directory.removeTree(new.name)
    }

    private mutating func addDirectory(_ new: NewFile) throws {
        var isOpaque = false
        do { try new.place.directory.createDirectory(at: new.name, mode: 0o700) } catch {
            guard error.code == .fileExists else { throw error }
            if try new.place.directory.metadata(at: new.name).kind == .directory {
                try new.attributes.removeOthers(from: new.name, in: new.place.directory)
            } else {
                // A whiteout, or a file of this layer: what the layers below have there stays hidden.
                isOpaque = !isPlain
                try clear(new)
                try new.place.directory.createDirectory(at: new.name, mode: 0o700)
            }
        }
        try new.attributes.apply(to: new.name, kind: .directory, in: new.place.directory)
        if isOpaque { try markOpaque(new.name, in: new.place.directory) }
        times.append((new.path, new.attributes.modified))
    }

    private mutating func addSpecial(_ new: NewFile, _ kind: FileMetadata.Kind, _ major: UInt32, _ minor: UInt32) throws {
        // Whoever may not make devices gets a tree without them, as in a container.
        guard kind == .fifo || HostIdentity.canMakeDevices else { return }
        try replacing(new) { () throws(SystemError) in
            try new.place.directory.createSpecial(at: new.name, kind: kind, mode: 0o600, major: major, minor: minor)
        }
        try new.attributes.apply(to: new.name, kind: kind, in: new.place.directory)
    }

    private mutating func addHardLink(_ new: NewFile, to target: FilePath) throws {
        guard let name = target.lastComponent, name.kind == .regular else {
            throw refused(new.path, "it is a hard link to a directory")
        }
        let last = FilePath(root: nil, [name])
        let source = try place(of: target.removingLastComponent())
        if source.path.pushing(last) == new.path { return }
        let found = try? source.directory.metadata(at: last)
        if found == nil || found?.isWhiteout == true, try !copyUp(last, to: source, whiteout: found != nil) {
            throw refused(new.path, "it is a hard link to \"\(target)\", which is not there")
        }
        if found?.kind == .directory { throw refused(new.path, "it is a hard link to a directory") }
        try replacing(new) { () throws(SystemError) in
            try new.place.directory.createHardLink(at: new.name, to: last, in: source.directory)
        }
    }

    /// Brings a file of the layers below into the tree. False when they have none there.
    private func copyUp(_ name: FilePath, to place: Place, whiteout: Bool) throws -> Bool {
        guard !whiteout, let below, let kind = try kindBelow(place.path.pushing(name)), kind != .directory else {
            return false
        }
        let path = place.path.pushing(name)
        let attributes = try FileAttributes(of: path, in: below)
        switch kind {
        case .file:
            let file = try place.directory.createFile(at: name, mode: 0o600)
            try file.copyContents(from: below.openFile(at: path, options: [.read, .noFollow]))
            try attributes.apply(to: file)
        case .symlink:
            try place.directory.createSymlink(at: name, target: below.symlinkTarget(at: path))
            try attributes.apply(to: name, kind: kind, in: place.directory)
        default:
            let found = try below.metadata(at: path)
            try place.directory.createSpecial(
                at: name, kind: kind, mode: found.mode, major: found.deviceMajor, minor: found.deviceMinor)
            try attributes.apply(to: name, kind: kind, in: place.directory)
        }
        return true
    }
}

extension LayerTarget {
    /// The directory that the layer calls `path`, made when it is missing. Symlinks on the way are followed within the
    /// merged view, as a program in a container would.
    private mutating func place(of path: FilePath) throws -> Place {
        if let parent, parent.path == path { return parent.place }
        if path.isEmpty { return Place(directory: tree, path: "") }
        // Nearly always it is there, and no symlink is on the way.
        if let directory = try? tree.directory(beneath: path) {
            let place = Place(directory: directory, path: path)
            parent = (path, place)
            return place
        }
        var way = DirectoryResolution(layer: path)
        while let next = way.next() {
            guard let found = try? tree.metadata(at: next), !found.isWhiteout || isPlain else {
                try enterMissing(next, &way)
                continue
            }
            switch found.kind {
            case .directory: way.enter(next)
            case .symlink: try way.follow(tree.symlinkTarget(at: next))
            default: throw refused(path, "\"\(next)\" is not a directory")
            }
        }
        let place = Place(
            directory: way.path.isEmpty ? tree : try tree.directory(at: way.path, followLast: false), path: way.path)
        parent = (path, place)
        return place
    }

    private mutating func enterMissing(_ next: FilePath, _ way: inout DirectoryResolution) throws {
        let isWhiteout = tree.exists(next)
        let kind = isWhiteout ? nil : try kindBelow(next)
        switch kind {
        case .symlink?:
            try way.follow(below?.symlinkTarget(at: next) ?? "")
            return
        case .directory?, nil: break
        case .some: throw refused(way.wanted, "\"\(next)\" is not a directory")
        }
        if isWhiteout { try tree.remove(next) }
        try tree.createDirectory(at: next, mode: 0o755)
        note(next)
        if kind == .directory, let below {
            let attributes = try FileAttributes(of: next, in: below)
            try attributes.apply(to: next, kind: .directory, in: tree)
            times.append((next, attributes.modified))
        } else if isWhiteout {
            try markOpaque(next, in: tree)
        }
        way.enter(next)
    }

    /// What the layers below show at a resolved path; nil when they have nothing there, or an opaque directory of this
    /// layer is before it.
    private func kindBelow(_ path: FilePath) throws -> FileMetadata.Kind? {
        guard let below, let kind = try? below.metadata(at: path).kind else { return nil }
        var above = path.removingLastComponent()
        while !above.isEmpty {
            if OverlayMarks.isOpaque(above, in: tree) { return nil }
            above.removeLastComponent()
        }
        return kind
    }

    private func markOpaque(_ name: FilePath, in directory: Directory) throws {
        guard below != nil else { return }
        try OverlayMarks.makeOpaque(name, in: directory)
    }

    /// Hides what the layers below have at `path`.
    mutating func remove(_ path: FilePath) throws {
        guard let (last, place) = try existingPlace(of: path) else { return }
        let real = place.path.pushing(last)
        if isPlain { return try removeUnwritten(real) }
        guard try kindBelow(real) != nil else { return }
        guard let own = try? place.directory.metadata(at: last) else {
            return try OverlayMarks.makeWhiteout(last, in: place.directory)
        }
        if own.kind == .directory { try markOpaque(last, in: place.directory) }
    }

    /// Hides what the layers below have in the directory.
    mutating func removeAllBelow(_ path: FilePath) throws {
        if path == "." || path.isEmpty {
            if isPlain { return try removeUnwrittenContents("") }
            // overlayfs takes no notice of such a mark on its root.
            for entry in try below?.entries() ?? [] { try remove(FilePath(root: nil, [entry.name])) }
            return
        }
        guard try existingPlace(of: path) != nil else { return }
        let place = try self.place(of: path)
        if isPlain { return try removeUnwrittenContents(place.path) }
        try markOpaque("", in: place.directory)
    }

    /// The place that holds `path`, when there is anything at it above or below: whiteouts make no directories.
    private mutating func existingPlace(of path: FilePath) throws -> (last: FilePath, place: Place)? {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw refused(path, "it would remove the root directory")
        }
        guard tree.exists(path) || (below?.exists(path) ?? false) else { return nil }
        return (FilePath(root: nil, [name]), try place(of: path.removingLastComponent()))
    }

    private mutating func removeUnwritten(_ path: FilePath) throws {
        guard written.contains(path) else {
            parent = nil
            return try tree.removeTree(path)
        }
        if try tree.metadata(at: path).kind == .directory { try removeUnwrittenContents(path) }
    }

    private mutating func removeUnwrittenContents(_ path: FilePath) throws {
        let directory = path.isEmpty ? tree : try tree.directory(at: path, followLast: false)
        for entry in try directory.entries() { try removeUnwritten(path.appending(entry.name)) }
    }
}
