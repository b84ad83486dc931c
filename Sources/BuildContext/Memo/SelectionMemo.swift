import HostSystem
package import OCI
package import PathPatterns
package import SystemPackage

/// Remembers the digests of whole selections of trees that never change: snapshots.
///
/// A directory of tiny files named by the hash of the key. A cache: damaged or foreign files are absent ones.
package struct SelectionMemo: Sendable {
    private let directory: FilePath

    package init(directory: FilePath) { self.directory = directory }

    /// A key for one selection of the tree `tree` (a snapshot's name).
    package static func key(tree: String, _ selection: FileSelection) -> String {
        let parts = [tree, selection.keepsParents ? "parents" : "sources"] + selection.sources + ["excludes"] + selection.excludes
        return parts.map { "\($0.utf8.count):\($0)" }.joined()
    }

    package func digest(for key: String) -> Digest? {
        guard let bytes = try? File(opening: path(key)).readAll(limit: 4096 + key.utf8.count) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard lines.count == 2, lines[1] == key else { return nil }
        return try? Digest(parsing: lines[0])
    }

    package func save(_ digest: Digest, for key: String) throws {
        try CacheFile.write(Array("\(digest)\n\(key)".utf8), to: path(key))
    }

    private func path(_ key: String) -> FilePath { directory.appending(Digest.sha256(of: key).hex) }
}
