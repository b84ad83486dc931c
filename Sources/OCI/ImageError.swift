/// What is wrong with an image, or with the blobs it is made of.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// A document longer than we read into memory.
        case tooLong(limit: Int)
        case wrongSize(found: Int64)
        case wrongDigest(found: Digest)
        case malformed(String)
        /// An index in an index in an index…
        case nestedTooDeeply
        case tooManyBlobs(limit: Int)
        case invalid(String)
    }
    /// The blob it is about.
    public let blob: Descriptor
    public let reason: Reason

    public init(_ blob: Descriptor, _ reason: Reason) {
        self.blob = blob
        self.reason = reason
    }

    public var description: String {
        let sentence =
            switch reason {
            case .tooLong(let limit): "it is a document of \(blob.size) bytes, more than \(limit)"
            case .wrongSize(let found): "it is \(found) bytes long, not \(blob.size)"
            case .wrongDigest(let found): "its bytes have the digest \(found)"
            case .malformed(let detail): "it is not a well-formed \(blob.mediaType): \(detail)"
            case .nestedTooDeeply: "it is nested too deeply in indexes"
            case .tooManyBlobs(let limit): "it names more than \(limit) blobs"
            case .invalid(let detail): detail
            }
        return "blob \(blob.digest): \(sentence)"
    }
}
