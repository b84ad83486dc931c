import Archives
import HostSystem
package import OCI
import SystemPackage

/// A blob on its way into the store: bytes go to a temporary file and into a hash. Only `commit` makes it visible;
/// letting go of it, or dying, leaves at most a file in `tmp` that the next collection removes.
package final class Ingest: ByteWriter, Sendable {
    private struct State {
        var hasher: SHA256Hasher
        var size: Int64
        /// Committed or discarded.
        var isOver = false
    }

    private let paths: StorePaths
    private let expected: Descriptor?
    private let directory: Directory
    private let file: File
    private let name: FilePath
    private let state: Monitor<State>

    init(paths: StorePaths, expected: Descriptor?) throws {
        self.paths = paths
        self.expected = expected
        directory = try paths.open(paths.temporary)
        var generator = SystemRandomNumberGenerator()
        name = FilePath("ingest-" + String(generator.next(), radix: 36))
        file = try directory.openFile(at: name, options: [.read, .write, .create, .exclusive], mode: 0o644)
        state = Monitor(State(hasher: SHA256Hasher(), size: 0))
    }

    deinit { discard() }

    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.with { state in
            guard !state.isOver else { throw StorageError("a blob was written to after its end") }
            state.size += Int64(bytes.count)
            if let expected, state.size > expected.size {
                throw StorageError(
                    .damaged, "the blob \(expected.digest) is longer than the \(expected.size) bytes announced")
            }
            try file.write(bytes)
            state.hasher.update(bytes)
        }
    }

    package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Nothing is visible yet: that takes `commit`.
    package func finish() throws {}

    /// Fills the blob from a file: shares its blocks where the file system can, else copies.
    func fill(from source: File) throws {
        try file.copyContents(from: source)
        let hashed = try rehash()
        if let expected, hashed != expected.size {
            throw StorageError(
                .damaged, "\(source.path) is \(hashed) bytes long, not the \(expected.size) bytes of \(expected.digest)"
            )
        }
    }

    private func rehash() throws -> Int64 {
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while case let count = try file.read(into: buffer, at: offset), count > 0 {
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            offset += Int64(count)
        }
        state.with { $0 = State(hasher: hasher, size: offset) }
        return offset
    }

    /// Makes the blob visible under its digest, and returns that. Throws, and leaves nothing, when it is not the one
    /// expected. A blob that is there already stays.
    @discardableResult
    package func commit(expecting other: Descriptor? = nil) throws -> StoredBlob {
        let (digest, size) = try state.with { state in
            guard !state.isOver else { throw StorageError("a blob was committed twice") }
            state.isOver = true
            return (state.hasher.finish(), state.size)
        }
        do {
            if let expected = other ?? expected { try Self.check(digest, size, against: expected) }
            let lock = try paths.lockCollection(.shared)
            defer { lock.release() }
            let blobs = try paths.open(paths.blobs)
            try directory.rename(name, to: FilePath(digest.hex), in: blobs)
            return StoredBlob(digest: digest, size: size, modified: .now)
        } catch {
            try? directory.remove(name)
            throw error
        }
    }

    /// Drops what was written. Idempotent.
    package func discard() {
        let wasOpen = state.with { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        if wasOpen { try? directory.remove(name) }
    }

    private static func check(_ digest: Digest, _ size: Int64, against expected: Descriptor) throws {
        guard size == expected.size else {
            throw StorageError(
                .damaged, "the blob \(expected.digest) should be \(expected.size) bytes long, but \(size) came")
        }
        guard digest == expected.digest else {
            throw StorageError(.damaged, "the bytes announced as \(expected.digest) have the digest \(digest)")
        }
    }
}
