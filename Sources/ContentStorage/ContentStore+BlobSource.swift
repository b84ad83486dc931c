import HostSystem
package import OCI
package import SystemPackage

extension ContentStore: BlobSource {
    package func read(_ blob: Descriptor) async throws -> BlobBytes { .file(try location(of: blob).string) }

    /// The file that holds the blob. Throws when it is missing or not as long as the descriptor says.
    package func location(of blob: Descriptor) throws -> FilePath {
        guard let size = size(of: blob.digest) else { throw missing(blob) }
        guard size == blob.size else {
            throw StorageError(
                .damaged, "the blob \(blob.digest) in the store is \(size) bytes long, not \(blob.size)",
                help: "remove \(path(of: blob.digest)) and load, pull or build the image again")
        }
        return path(of: blob.digest)
    }
}

extension ContentStore: BlobSink {
    package func contains(_ blob: Descriptor) async throws -> Bool { holds(blob) }

    package func write(_ blob: Descriptor, from bytes: BlobBytes) async throws {
        guard case .stream(let chunks) = bytes else {
            return try await BlockingPool.run { try store(blob, from: bytes) }
        }
        if try await BlockingPool.run({ try isKept(blob) }) { return }
        let ingest = try ingest(expecting: blob)
        do {
            for try await chunk in chunks {
                try Task.checkCancellation()
                try await BlockingPool.run { try ingest.write(chunk) }
            }
            // A cancelled stream just ends.
            try Task.checkCancellation()
            try await BlockingPool.run { _ = try ingest.commit() }
        } catch {
            ingest.discard()
            throw error
        }
    }

    /// Stores a blob that is on disk or in memory. Blocks.
    package func store(_ blob: Descriptor, from bytes: BlobBytes) throws {
        if try isKept(blob) { return }
        let ingest = try ingest(expecting: blob)
        switch bytes {
        case .memory(let bytes): try ingest.write(bytes)
        case .file(let path): try ingest.fill(from: File(opening: FilePath(path)))
        case .fileRange(let path, let range): try ingest.fill(from: File(opening: FilePath(path)), range)
        case .stream: throw StorageError("a stream of bytes cannot be stored without waiting for it")
        }
        try ingest.commit()
    }

    /// How to bring a file's bytes into the store.
    package enum Adoption: Sendable {
        /// The store gets blocks of its own, shared where the file system can.
        case copy
        /// The store's file is the very same file. For files that nobody writes to any more.
        case hardLink
    }

    /// Hashes an existing file into the store.
    package func adopt(_ path: FilePath, by adoption: Adoption = .copy) throws -> StoredBlob {
        let source = try File(opening: path)
        guard adoption == .hardLink, let name = path.lastComponent else { return try adoptCopy(of: source) }
        let (digest, size) = try source.digest()
        if self.size(of: digest) == size, try protect(digest) {
            return StoredBlob(digest: digest, size: size, modified: .now)
        }
        if try link(path, name, as: digest) { return StoredBlob(digest: digest, size: size, modified: .now) }
        return try adoptCopy(of: source)
    }

    /// False when the file system has no hard links, or is another one.
    private func link(_ path: FilePath, _ name: FilePath.Component, as digest: Digest) throws -> Bool {
        let parent = path.removingLastComponent()
        let source = try Directory(opening: parent.isEmpty ? "." : parent)
        let lock = try paths.lockCollection(.shared)
        defer { lock.release() }
        let blobs = try paths.open(paths.blobs)
        let target = FilePath(digest.hex)
        // What is there is not as long as it should be.
        try paths.remove(digest.hex, in: paths.blobs)
        do throws(SystemError) {
            try blobs.createHardLink(at: target, to: FilePath(root: nil, [name]), in: source)
        } catch {
            if [.improperLink, .notPermitted, .tooManyLinks].contains(error.code) { return false }
            throw error
        }
        try blobs.setTimes(at: target, modified: .now)
        return true
    }

    private func adoptCopy(of source: File) throws -> StoredBlob {
        let ingest = try ingest()
        try ingest.fill(from: source)
        return try ingest.commit()
    }

    private func isKept(_ blob: Descriptor) throws -> Bool { try holds(blob) && protect(blob.digest) }
}

extension Ingest {
    /// Copies part of a file.
    func fill(from source: File, _ range: Range<Int64>) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(min(range.upperBound - offset, Int64(buffer.count)))
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted]), at: offset)
            guard count > 0 else { throw StorageError(.badArchive, "\(source.path) ends in the middle of a blob") }
            try write(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            offset += Int64(count)
        }
    }
}
