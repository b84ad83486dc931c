import HostSystem
import OCI
import SystemPackage

/// A file or directory whose content (of a directory: its attributes) has to be read.
struct PendingFile: Sendable {
    /// Relative to the top of the tree.
    var path: FilePath
    var key: MemoKey
    var kind: FileMetadata.Kind
    /// Where in the listing its identity belongs.
    var offset: Int
}

struct HashedFile: Sendable {
    var key: MemoKey
    var identity: ContentIdentity
    var offset: Int
    /// It was, before and after it was read, what the walk saw: fit to be remembered.
    var isSettled: Bool
}

/// Reads files with one buffer. Stays on one thread.
final class ContentReader {
    private let tree: SourceTree
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 4096)

    init(tree: SourceTree) { self.tree = tree }
    deinit { buffer.deallocate() }

    func read(_ pending: PendingFile) throws -> HashedFile {
        try tree.relatively {
            if pending.kind == .directory {
                let identity = Self.identity(
                    nil, try tree.directory.extendedAttributes(at: pending.path))
                return HashedFile(key: pending.key, identity: identity, offset: pending.offset, isSettled: true)
            }
            let file = try tree.directory.openFile(at: pending.path, options: [.read, .noFollow])
            var hasher = SHA256Hasher()
            var total: Int64 = 0
            while true {
                let count = try file.read(into: buffer)
                if count == 0 { break }
                hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
                total += Int64(count)
                // All that was promised, and less than was asked for: the end. Saves a call for each small file.
                if count < buffer.count, total == pending.key.size { break }
            }
            let identity = Self.identity(hasher.finish(), try file.extendedAttributes())
            let after = MemoKey(path: pending.key.path, try file.metadata())
            return HashedFile(
                key: pending.key, identity: identity, offset: pending.offset, isSettled: after == pending.key)
        }
    }

    /// The content's own digest, unless there are attributes that a copy keeps.
    private static func identity(_ content: Digest?, _ attributes: [String: [UInt8]]) -> ContentIdentity {
        let kept = attributes.filter { isKept($0.key) }.sorted { $0.key < $1.key }
        if kept.isEmpty { return content.map { ContentIdentity($0) } ?? ContentIdentity(words: SIMD4()) }
        var hasher = SHA256Hasher()
        hasher.update("attributes \(content?.hex ?? "")")
        for (key, value) in kept {
            hasher.update(" \(key.utf8.count):\(key) \(value.count):")
            hasher.update(value)
        }
        return ContentIdentity(hasher.finish())
    }

    /// Attributes that belong to a file's content for a build. The overlay's own marks do not.
    static func isKept(_ key: String) -> Bool {
        key == "security.capability" || (key.hasPrefix("user.") && !key.hasPrefix("user.overlay."))
    }
}
