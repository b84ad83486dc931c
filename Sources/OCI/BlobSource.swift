/// Where blobs come from: a registry, the content store, a layout, an archive, a dictionary.
public protocol BlobSource: Sendable {
    /// The bytes of a blob. Digest and size need not have been verified yet: whoever stores or parses them does.
    /// Throws the source's own error when it has no such blob.
    func read(_ blob: Descriptor) async throws -> BlobBytes
}

/// Where blobs go.
public protocol BlobSink: Sendable {
    func contains(_ blob: Descriptor) async throws -> Bool
    /// Stores the bytes under the descriptor's digest. Verifies digest and size, is atomic and idempotent:
    /// after an error or a cancellation nothing is visible.
    func write(_ blob: Descriptor, from bytes: BlobBytes) async throws
}

/// A blob's bytes: where they are on disk, in memory, or as they arrive.
public enum BlobBytes: Sendable {
    /// A whole file.
    case file(String)
    /// Part of a file: a member of an archive read in place.
    case fileRange(String, Range<Int64>)
    case memory([UInt8])
    case stream(AsyncThrowingStream<[UInt8], any Error>)
}
