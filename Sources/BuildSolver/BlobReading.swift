import Archives
import HostSystem
import OCI
import SystemPackage

extension BlobBytes {
    /// The bytes for synchronous reading. Bytes that are still arriving have to be stored first.
    func reader() throws -> any ByteReader {
        switch self {
        case .file(let path): return try FileByteReader(File(opening: FilePath(path)))
        case .fileRange(let path, let range): return try FileByteReader(File(opening: FilePath(path)), range: range)
        case .memory(let bytes): return MemoryReader(bytes)
        case .stream: throw UnstoredBlob()
        }
    }
}

/// A layer that is a stream: the store has to take it in before it is unpacked.
struct UnstoredBlob: Error, CustomStringConvertible {
    var description: String { "the layer has to be stored before it is unpacked" }
}
