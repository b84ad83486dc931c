package import HostSystem
package import OCI
import SystemPackage

/// One name and what it points at, or with no name an image that lost its last one. A small file below `images`.
package struct ImageRecord: Codable, Sendable, Hashable {
    package var reference: Reference?
    package var target: Descriptor
    /// When the name was set, or lost.
    package var updated: Timestamp
}

/// The files of the image store: one a name, named by the name's hash, so that any reference is safe.
struct ImageRecords: Sendable {
    let paths: StorePaths

    func record(for reference: Reference) throws -> ImageRecord? {
        try decode(paths.images.appending(Self.fileName(reference)))
    }

    /// Every name.
    func tagged() throws -> [ImageRecord] { try list(paths.images).filter { $0.reference != nil } }
    func untagged() throws -> [ImageRecord] { try list(paths.untagged) }

    func write(_ record: ImageRecord) throws {
        let bytes = try Document(record, mediaType: StoreRecord.mediaType).bytes
        if let reference = record.reference {
            try paths.open(paths.images).writeFile(bytes, at: FilePath(Self.fileName(reference)))
        } else {
            try paths.open(paths.untagged).writeFile(bytes, at: FilePath(record.target.digest.hex + ".json"))
        }
    }

    /// True when it was there.
    func remove(_ reference: Reference) throws -> Bool { try paths.remove(Self.fileName(reference), in: paths.images) }
    func removeUntagged(_ target: Digest) throws -> Bool { try paths.remove(target.hex + ".json", in: paths.untagged) }

    /// One writer at a time, over processes.
    func locked<Result>(_ body: () throws -> Result) throws -> Result {
        _ = try paths.open(paths.images)
        let lock = try FileLock.acquire(paths.images.appending(".lock"))
        defer { lock.release() }
        return try body()
    }

    private func list(_ directory: FilePath) throws -> [ImageRecord] {
        try paths.names(in: directory).compactMap { name in
            // Another process may have removed it since.
            name.hasSuffix(".json") ? try decode(directory.appending(name)) : nil
        }
    }

    private func decode(_ path: FilePath) throws -> ImageRecord? {
        guard let bytes = try paths.read(path) else { return nil }
        do {
            return try Document<ImageRecord>(decoding: bytes, mediaType: StoreRecord.mediaType).value
        } catch {
            throw StorageError(
                .damaged, "\(path) does not say which image it names: \(error.brief)",
                help: "remove the file and tag the image again")
        }
    }

    static func fileName(_ reference: Reference) -> String { Digest.sha256(of: reference.description).hex + ".json" }
}
