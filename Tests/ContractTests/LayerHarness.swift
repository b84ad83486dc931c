import Archives
import HostSystem
import OCI
import Snapshots
import SystemPackage
import Testing

/// Layers in memory, and trees as lines of text.
enum LayerHarness {
    /// Keeps what is written to it, for whoever holds it.
    final class Memory: ByteWriter {
        private(set) var bytes: [UInt8] = []
        func write(_ more: UnsafeRawBufferPointer) throws { bytes.append(contentsOf: more) }
        func finish() throws {}
    }

    struct Member {
        var entry: TarEntry
        var bytes: [UInt8] = []
    }

    static func layer(_ members: [Member]) throws -> (bytes: [UInt8], diffID: DiffID) {
        let memory = Memory()
        var writer = try LayerWriter(to: memory, compression: .none)
        for member in members {
            var entry = member.entry
            entry.size = Int64(member.bytes.count)
            try writer.append(entry)
            if entry.kind == .file { try writer.write(member.bytes) }
        }
        let written = try writer.finish()
        return (memory.bytes, written.diffID)
    }

    static func extract(
        _ changes: SnapshotChanges, compression: Compression = .none, clampTime: Int64? = nil
    ) throws -> (bytes: [UInt8], diffID: DiffID) {
        let memory = Memory()
        var writer = try LayerWriter(to: memory, compression: compression)
        try LayerExtraction.write(changes, to: &writer, clampTime: clampTime)
        let written = try writer.finish()
        return (memory.bytes, written.diffID)
    }

    /// Paths with `/` after directories, whiteouts as they are named.
    static func names(_ bytes: [UInt8]) throws -> [String] {
        var reader = TarReader(MemoryReader(bytes))
        var names: [String] = []
        while let entry = try reader.next() {
            names.append(entry.path.string + (entry.kind == .directory ? "/" : ""))
        }
        return names
    }

    /// One line a file: everything that a layer carries. Times in whole seconds.
    static func describe(_ root: Directory) throws -> [String] {
        var lines: [String] = []
        var inodes: [UInt64: String] = [:]
        try TreeWalk.visit(root, sorted: true) { entry in
            let found = entry.metadata
            var line = "\(entry.path) \(found.kind) \(String(found.mode, radix: 8)) \(found.uid):\(found.gid)"
            line += " @\(found.modified.seconds)"
            switch found.kind {
            case .file: line += " \(Digest.sha256(of: try entry.open().readAll()).short)"
            case .symlink: line += " -> \(try entry.symlinkTarget())"
            case .characterDevice, .blockDevice: line += " \(found.deviceMajor):\(found.deviceMinor)"
            default: break
            }
            let attributes = try entry.extendedAttributes().filter { !$0.key.contains("overlay.") }
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) { line += " \(name)=\(value)" }
            if found.links > 1, found.kind != .directory {
                if let first = inodes[found.inode] { line += " == \(first)" } else { inodes[found.inode] = entry.path.string }
            }
            lines.append(line)
            return .descend
        }
        return lines
    }
}

extension LayerHarness.Member {
    static func file(_ path: String, _ text: String = "", mode: UInt32 = 0o644) -> Self {
        Self(entry: TarEntry(path: FilePath(path), kind: .file, mode: mode, modified: Timestamp(seconds: 1000)), bytes: Array(text.utf8))
    }
    static func directory(_ path: String, mode: UInt32 = 0o755, time: Int64 = 2000) -> Self {
        Self(entry: TarEntry(path: FilePath(path), kind: .directory, mode: mode, modified: Timestamp(seconds: time)))
    }
    static func symlink(_ path: String, _ target: String) -> Self {
        Self(entry: TarEntry(path: FilePath(path), kind: .symlink(FilePath(target)), mode: 0o777))
    }
    static func link(_ path: String, _ target: String) -> Self {
        Self(entry: TarEntry(path: FilePath(path), kind: .hardLink(FilePath(target)), mode: 0o644))
    }
    static func device(_ path: String, _ major: UInt32, _ minor: UInt32) -> Self {
        Self(entry: TarEntry(path: FilePath(path), kind: .characterDevice(major: major, minor: minor), mode: 0o666))
    }
    static func whiteout(_ path: String) -> Self { .file(Whiteout.removed(FilePath(path)).path.string) }
    static func opaque(_ path: String) -> Self { .file(Whiteout.opaque(FilePath(path)).path.string) }
    func with(_ change: (inout TarEntry) -> Void) -> Self {
        var copy = self
        change(&copy.entry)
        return copy
    }
}

extension Snapshotter {
    /// Applies a layer of these members as `name`.
    @discardableResult
    func apply(_ members: [LayerHarness.Member], as name: String, on parent: String? = nil) throws -> LayerReading {
        let layer = try LayerHarness.layer(members)
        return try apply(layer.bytes, layer.diffID, as: name, on: parent)
    }

    @discardableResult
    func apply(
        _ bytes: [UInt8], _ diffID: DiffID?, as name: String, on parent: String? = nil
    ) throws -> LayerReading {
        let snapshot = try prepare(on: parent.map { try SnapshotID($0) })
        do {
            let reading = try LayerApplication.apply(MemoryReader(bytes), expecting: diffID, to: snapshot)
            try commit(snapshot, as: SnapshotID(name))
            return reading
        } catch {
            try discard(snapshot)
            throw error
        }
    }

    func describe(_ name: String) throws -> [String] { try LayerHarness.describe(open(name)) }
}
