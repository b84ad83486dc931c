import HostSystem
import SystemPackage

/// The empty files and directories that a root lacks and that mounts need as targets (`/proc` on scratch,
/// `/etc/resolv.conf`). Made before a run and taken away after it, so that a layer shows no trace of them: times of
/// directories around them are put back, and a directory that came into the upper directory of an overlay only for
/// their sake leaves it again.
struct MountStubs {
    struct Target {
        var path: String
        var isDirectory: Bool
        /// Of a directory. runc gives a tmpfs the mode of its target.
        var mode: UInt32 = 0o755
    }

    private struct Stub {
        var path: FilePath
        var isDirectory: Bool
    }

    private let root: Directory
    private var stubs: [Stub] = []
    /// nil when the root is no overlay.
    private(set) var copies: IdleCopies?

    /// Makes what is missing. On failure nothing of it stays.
    init(for targets: [Target], in root: Directory, layout: OverlayLayout?) throws {
        self.root = root
        copies = try layout?.upper.map { IdleCopies(upper: try Directory(opening: $0)) }
        do {
            for target in targets { try make(target) }
        } catch {
            remove()
            throw error
        }
    }

    private mutating func make(_ target: Target) throws {
        var pending = Array(FilePath(target.path).components.reversed())
        var current = FilePath()
        var links = 0
        while let component = pending.popLast() {
            if component.kind == .currentDirectory { continue }
            if component.kind == .parentDirectory {
                current.removeLastComponent()
                continue
            }
            let path = current.appending(component)
            guard let found = try existing(path) else {
                try create(path, in: current, target, isLast: pending.isEmpty)
                current = path
                continue
            }
            guard found.kind == .symlink else {
                current = path
                continue
            }
            links += 1
            guard links <= 40 else {
                throw RuntimeError.badMount(target: target.path, reason: "too many symbolic links")
            }
            let link = try root.symlinkTarget(at: path)
            if link.isAbsolute { current = FilePath() }
            pending += link.components.reversed()
        }
    }

    private func existing(_ path: FilePath) throws -> FileMetadata? {
        do { return try root.metadata(at: path, followLast: false) } catch {
            guard error.code == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    private mutating func create(
        _ path: FilePath, in parent: FilePath, _ target: Target, isLast: Bool
    ) throws {
        let isDirectory = target.isDirectory || !isLast
        try copies?.remember(parent, in: root)
        let before = try root.metadata(at: parent).modified
        if isDirectory {
            try root.createDirectory(at: path, mode: isLast ? target.mode : 0o755)
        } else {
            _ = try root.createFile(at: path)
        }
        stubs.append(Stub(path: path, isDirectory: isDirectory))
        try root.setTimes(at: parent, modified: before)
    }

    /// Takes the stubs away, the last one first. What somebody put something into stays.
    func remove() {
        for stub in stubs.reversed() {
            let parent = stub.path.removingLastComponent()
            guard let before = try? root.metadata(at: parent).modified else { continue }
            if stub.isDirectory {
                guard (try? root.removeDirectory(stub.path)) != nil else { continue }
            } else {
                guard let now = try? root.metadata(at: stub.path), now.kind == .file, now.size == 0 else { continue }
                guard (try? root.remove(stub.path)) != nil else { continue }
            }
            try? root.setTimes(at: parent, modified: before)
        }
    }
}

/// Directories that came into the upper directory of an overlay only because something was made in them for a while.
struct IdleCopies {
    /// A directory of the merged root as it was before.
    private struct Before {
        var path: FilePath
        var metadata: FileMetadata
        var attributes: [String: [UInt8]]
    }

    private let upper: Directory
    /// Directories that were not in the upper directory, top first.
    private var before: [Before] = []

    init(upper: Directory) { self.upper = upper }

    /// Everything from the root down to `directory` that a change in it will copy up.
    mutating func remember(_ directory: FilePath, in root: Directory) throws {
        var path = FilePath()
        for component in directory.components {
            path.append(component)
            if upper.exists(path) || before.contains(where: { $0.path == path }) { continue }
            before.append(
                Before(
                    path: path, metadata: try root.metadata(at: path),
                    attributes: try root.extendedAttributes(at: path)))
        }
    }

    /// Takes directories out of the upper directory that are there without any difference. For when the overlay is
    /// mounted no more: the kernel wants the upper directory for itself until then.
    func remove() {
        for before in before.reversed() {
            guard let now = try? upper.metadata(at: before.path), now.kind == .directory,
                now.mode == before.metadata.mode, now.uid == before.metadata.uid, now.gid == before.metadata.gid,
                now.modified == before.metadata.modified,
                let attributes = try? upper.extendedAttributes(at: before.path),
                attributes.filter({ !Self.isOverlays($0.key) }) == before.attributes,
                attributes["trusted.overlay.opaque"] == nil, attributes["user.overlay.opaque"] == nil
            else { continue }
            let parent = before.path.removingLastComponent()
            guard let time = try? upper.metadata(at: parent).modified,
                (try? upper.removeDirectory(before.path)) != nil  // fails when it is not empty
            else { continue }
            try? upper.setTimes(at: parent, modified: time)
        }
    }

    private static func isOverlays(_ attribute: String) -> Bool {
        attribute.hasPrefix("trusted.overlay.") || attribute.hasPrefix("user.overlay.")
    }
}
