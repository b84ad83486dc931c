#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import HostSystem
package import OCI
package import SystemPackage

/// Records as content-named files: `records/KEY` and, by title, `titles/HASH`.
package struct LocalCache: CacheBackend {
    let directory: FilePath

    package init(directory: FilePath) { self.directory = directory }

    /// A record is a few kilobytes; a larger file is not ours.
    private static let sizeLimit = 16 << 20

    package func record(for key: Digest) async throws -> CacheRecord? { read(path("records", key)) }

    package func latest(titled title: String) async throws -> CacheRecord? { read(path("titles", .sha256(of: title))) }

    package func save(_ record: CacheRecord) async throws {
        let bytes = [UInt8](try JSONEncoder().encode(record))
        for (kind, name) in [("records", record.key), ("titles", Digest.sha256(of: record.title))] {
            try Directory.making(directory.appending(kind)).writeFile(bytes, at: FilePath(name.hex))
        }
    }

    /// A locked file, `claims/KEY`, that goes with its holder.
    package func claim(_ key: Digest) throws -> CacheClaim? {
        let name = FilePath(key.hex)
        let folder = try Directory.making(directory.appending("claims"))
        let path = directory.appending("claims").appending(key.hex)
        while true {
            guard let lock = try FileLock.tryAcquire(path) else { return nil }
            // Its last holder may have removed the file between our opening and our locking it.
            guard let there = try? folder.metadata(at: name), try lock.file.metadata().inode == there.inode else { continue }
            return CacheClaim {
                try? folder.remove(name)
                lock.release()
            }
        }
    }

    /// Every record there is; for collection.
    package func all() throws -> [CacheRecord] {
        let records = directory.appending("records")
        guard let folder = try? Directory(opening: records) else { return [] }
        return try folder.entries().compactMap { read(records.appending($0.name)) }
    }

    /// Forgets a record, also as the latest of its title. Idempotent.
    package func remove(_ record: CacheRecord) throws {
        let title = path("titles", .sha256(of: record.title))
        if read(title)?.key == record.key { try remove(title) }
        try remove(path("records", record.key))
    }

    private func remove(_ path: FilePath) throws {
        guard let name = path.lastComponent else { return }
        do throws(SystemError) {
            try Directory(opening: path.removingLastComponent()).remove(FilePath(root: nil, [name]))
        } catch { guard error.code == .noSuchFileOrDirectory else { throw error } }
    }

    private func path(_ kind: String, _ digest: Digest) -> FilePath {
        directory.appending(kind).appending(digest.hex)
    }

    private func read(_ path: FilePath) -> CacheRecord? {
        guard let parent = try? Directory(opening: path.removingLastComponent()), let name = path.lastComponent,
            let bytes = try? parent.readFile(at: FilePath(name.string), limit: Self.sizeLimit)
        else { return nil }
        return try? JSONDecoder().decode(CacheRecord.self, from: Data(bytes))
    }
}
