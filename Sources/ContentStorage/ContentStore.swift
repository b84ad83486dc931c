package import HostSystem
package import OCI
package import SystemPackage

/// Blobs by digest on disk: `blobs/sha256/HEX` below the store's root. Safe between processes: a blob appears whole, by
/// a rename, or not at all. Reading checks the size; `verify` checks the bytes.
package struct ContentStore: Sendable {
    package let paths: StorePaths

    /// Touches nothing: a root that does not exist is an empty store.
    package init(root: FilePath) { paths = StorePaths(root: root) }

    /// Where the blob is, or would be.
    package func path(of digest: Digest) -> FilePath { paths.blobs.appending(digest.hex) }

    /// Length in bytes; nil when there is no such blob.
    package func size(of digest: Digest) -> Int64? {
        guard let found = try? FileMetadata(at: path(of: digest)), found.kind == .file else { return nil }
        return found.size
    }

    package func contains(_ digest: Digest) -> Bool { size(of: digest) != nil }

    /// Whether the blob is there with the right length.
    package func holds(_ blob: Descriptor) -> Bool { size(of: blob.digest) == blob.size }

    /// Begins a blob whose digest is not known yet, or that must be `expected`.
    package func ingest(expecting expected: Descriptor? = nil) throws -> Ingest {
        try Ingest(paths: paths, expected: expected)
    }

    /// Stores bytes under their digest.
    package func store(_ bytes: [UInt8]) throws -> Digest {
        let digest = Digest.sha256(of: bytes)
        if size(of: digest) == Int64(bytes.count), try protect(digest) { return digest }
        let ingest = try ingest()
        try ingest.write(bytes)
        return try ingest.commit().digest
    }

    /// Stores a document's bytes and returns its descriptor.
    @discardableResult
    package func store<Value>(_ document: Document<Value>) throws -> Descriptor {
        _ = try store(document.bytes)
        return document.descriptor
    }

    /// A JSON document, its bytes checked against the digest.
    package func document<Value>(_ blob: Descriptor, as type: Value.Type) throws -> Document<Value> {
        let bytes = try bytes(of: blob)
        do { return try Document(decoding: bytes, mediaType: blob.mediaType) } catch {
            throw StorageError(
                .damaged, "\(blob.digest) is not the JSON document that \(blob.mediaType) names: \(error.brief)")
        }
    }

    /// The bytes of a small blob, checked against the digest.
    package func bytes(of blob: Descriptor, limit: Int = 32 << 20) throws -> [UInt8] {
        guard let bytes = try paths.read(path(of: blob.digest), limit: limit) else { throw missing(blob) }
        guard Digest.sha256(of: bytes) == blob.digest else { throw damaged(blob.digest) }
        return bytes
    }

    /// Hashes the whole blob. Throws when it is missing or its bytes are others than the digest says.
    package func verify(_ digest: Digest) throws {
        let path = path(of: digest)
        guard let file = try ifPresent({ () throws(SystemError) in try File(opening: path) }) else {
            throw StorageError(.blobNotFound, "the store has no blob \(digest)")
        }
        guard try file.digest().digest == digest else { throw damaged(digest) }
    }

    /// What is stored, in no particular order of age; sorted by digest.
    package func list() throws -> [StoredBlob] {
        try paths.names(in: paths.blobs).compactMap { name in
            guard let digest = try? Digest(hex: name), let found = try? FileMetadata(at: path(of: digest)) else {
                return nil
            }
            return StoredBlob(digest: digest, size: found.size, modified: found.modified)
        }
    }

    /// Removes a blob. Nothing there is no error.
    package func remove(_ digest: Digest) throws { try paths.remove(digest.hex, in: paths.blobs) }

    /// Makes a blob that is there already as young as if it had just been written, so that no collection that has not
    /// begun takes it away. False when it is gone.
    func protect(_ digest: Digest) throws -> Bool {
        let lock = try paths.lockCollection(.shared)
        defer { lock.release() }
        let touched: Void? = try ifPresent { () throws(SystemError) in
            try Directory(opening: paths.blobs).setTimes(at: FilePath(digest.hex), modified: .now)
        }
        return touched != nil
    }

    func missing(_ blob: Descriptor) -> StorageError {
        StorageError(.blobNotFound, "the store has no blob \(blob.digest) (\(blob.mediaType), \(blob.size) bytes)")
    }

    func damaged(_ digest: Digest) -> StorageError {
        StorageError(
            .damaged, "the blob \(digest) in the store is damaged",
            help: "remove \(path(of: digest)) and load, pull or build the image again")
    }
}

/// A blob in the store.
package struct StoredBlob: Sendable, Hashable {
    package var digest: Digest
    package var size: Int64
    /// When it was written or last relied upon.
    package var modified: Timestamp
}

extension File {
    /// SHA-256 and length of the whole file.
    func digest() throws(SystemError) -> (digest: Digest, size: Int64) {
        expectSequentialReads()
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer, at: offset)
            if count == 0 { return (hasher.finish(), offset) }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            offset += Int64(count)
        }
    }
}

extension Error {
    /// What a JSON decoder says, without its coding path's noise.
    var brief: String {
        guard let error = self as? DecodingError else { return "\(self)" }
        switch error {
        case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
        case .valueNotFound(_, let context): return Self.place(context) + "has no value"
        case .typeMismatch(_, let context): return Self.place(context) + "is of another type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is not JSON" : Self.place(context) + "is wrong: " + context.debugDescription
        @unknown default: return "it is not what it should be"
        }
    }
    private static func place(_ context: DecodingError.Context) -> String {
        let keys = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return keys.isEmpty ? "it " : "\"\(keys.joined(separator: "."))\" "
    }
}
