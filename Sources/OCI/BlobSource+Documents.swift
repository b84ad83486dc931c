import SystemPackage

extension BlobSource {
    /// Reads a JSON document of at most 4 MiB and verifies its size and digest.
    public func document<Value>(_ blob: Descriptor, as type: Value.Type) async throws -> Document<Value> {
        let bytes = try await verifiedBytes(of: blob)
        do { return try Document(decoding: bytes, mediaType: blob.mediaType) } catch {
            throw ImageError(blob, .malformed(Document<Value>.sentence(error)))
        }
    }

    private func verifiedBytes(of blob: Descriptor) async throws -> [UInt8] {
        guard blob.size <= Int64(JSONStructure.limit) else { throw ImageError(blob, .tooLong(limit: JSONStructure.limit)) }
        let bytes = try await read(blob).collected(limit: Int(blob.size))
        guard let bytes else { throw ImageError(blob, .wrongSize(found: blob.size + 1)) }
        guard Int64(bytes.count) == blob.size else { throw ImageError(blob, .wrongSize(found: Int64(bytes.count))) }
        let digest = Digest.sha256(of: bytes)
        guard digest == blob.digest else { throw ImageError(blob, .wrongDigest(found: digest)) }
        return bytes
    }
}

extension BlobBytes {
    /// All bytes, or nil when there are more than `limit`.
    public func collected(limit: Int) async throws -> [UInt8]? {
        switch self {
        case .memory(let bytes): return bytes.count <= limit ? bytes : nil
        case .file(let path): return try Self.contents(of: path, from: 0, atMost: limit + 1).atMost(limit)
        case .fileRange(let path, let range):
            guard range.upperBound - range.lowerBound <= Int64(limit) else { return nil }
            return try Self.contents(of: path, from: range.lowerBound, atMost: Int(range.upperBound - range.lowerBound))
        case .stream(let chunks):
            var result: [UInt8] = []
            for try await chunk in chunks {
                guard result.count + chunk.count <= limit else { return nil }
                result += chunk
            }
            return result
        }
    }

    private static func contents(of path: String, from offset: Int64, atMost count: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var result: [UInt8] = []
            while result.count < count {
                let step = min(count - result.count, 1 << 20)
                let part = try [UInt8](unsafeUninitializedCapacity: step) { buffer, filled in
                    filled = try file.read(fromAbsoluteOffset: offset + Int64(result.count), into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { break }
                result += part
            }
            return result
        }
    }
}

extension [UInt8] {
    fileprivate func atMost(_ limit: Int) -> [UInt8]? { count <= limit ? self : nil }
}
