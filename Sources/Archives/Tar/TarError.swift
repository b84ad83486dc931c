/// What is wrong with a tar archive, and at which byte of it.
package struct TarError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case truncated
        case badChecksum
        /// A numeric field that is not a number, or not one we can hold.
        case badNumber(field: String)
        case badRecord(String)
        case badSparseMap
        case emptyPath
        /// A NUL inside a path.
        case badPath
        case unknownType(UInt8)
        case limit(String, Int64)
        /// While writing: the bytes given are not as many as the entry said.
        case wrongSize(expected: Int64, written: Int64)
        /// While writing: a value that no header can hold.
        case unrepresentable(String)
    }
    /// Bytes from the start of the (uncompressed) archive, of the block that is wrong.
    package var offset: Int64
    package var reason: Reason

    package init(_ reason: Reason, at offset: Int64) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(sentence) (at byte \(offset) of the tar archive)" }

    private var sentence: String {
        switch reason {
        case .truncated: "the archive ends in the middle of an entry"
        case .badChecksum: "the checksum of an entry's header is wrong: not a tar archive, or damaged"
        case .badNumber(let field): "the field \"\(field)\" of an entry's header does not hold a number in range"
        case .badRecord(let detail): "malformed extended header: \(detail)"
        case .badSparseMap: "malformed map of a sparse file"
        case .emptyPath: "an entry has no name"
        case .badPath: "an entry's name holds a NUL byte"
        case .unknownType(let type): "an entry is of unknown type \(type)"
        case .limit(let what, let limit): "more \(what) than the limit of \(limit)"
        case .wrongSize(let expected, let written): "an entry of \(expected) bytes was given \(written)"
        case .unrepresentable(let field): "the value of \"\(field)\" does not fit a tar header"
        }
    }
}
