import HostSystem
import OCI
import PathPatterns
import SystemPackage

/// Selected files as one text of bytes, the same on every machine, whose hash is their identity.
///
/// Numbers are little-endian, and every name has its length before it. A match: `M` (`D` when it is a directory, whose
/// own attributes no copy takes), source (4 bytes), its path as matched, then its entries: type (1), mode, uid, gid (4
/// each), path relative to the match, and by type 32 bytes of content, the link's target, the device numbers or the
/// directory's attributes. Content that nobody remembers is left blank while walking and hashed afterwards on several
/// threads.
struct CanonicalListing {
    private let tree: SourceTree
    private var bytes: [UInt8] = Array("jettison files 2\n".utf8)
    private var pending: [PendingFile] = []
    private(set) var entries = 0
    private(set) var totalSize: Int64 = 0

    init(tree: SourceTree) {
        self.tree = tree
        bytes.reserveCapacity(1 << 16)
    }

    mutating func append(_ match: SourceMatch, excludes: PatternList, memo: inout ContentMemo.Pass?) throws {
        bytes.append(match.metadata.kind == .directory ? UInt8(ascii: "D") : UInt8(ascii: "M"))
        append(UInt32(truncatingIfNeeded: match.source))
        match.matchedPath.withRawBytes { append(UnsafeRawBufferPointer($0)) }
        var prefix = PathHash()
        match.path.withRawBytes { prefix.add(UnsafeRawBufferPointer($0)) }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        if match.metadata.kind != .directory {
            let top = VisibleWalk.Visited(relative: nothing, metadata: match.metadata, entry: nil)
            try append(top, in: match.path, prefix, &memo)
        }
        if !match.path.isEmpty { prefix.add(UInt8(ascii: "/")) }
        try tree.walk(of: match, excludes: excludes).visit { visited in
            try append(visited, in: match.path, prefix, &memo)
        }
    }

    private mutating func append(
        _ visited: VisibleWalk.Visited, in top: FilePath, _ prefix: PathHash, _ memo: inout ContentMemo.Pass?
    ) throws {
        let metadata = visited.metadata
        entries += 1
        bytes.append(metadata.kind.rawValue)
        append(metadata.kind == .symlink ? 0 : metadata.mode)
        append(metadata.uid)
        append(metadata.gid)
        append(visited.relative)
        switch metadata.kind {
        case .file, .directory:
            if metadata.kind == .file { totalSize += metadata.size }
            var path = prefix
            path.add(visited.relative)
            let key = MemoKey(path: path.value, metadata)
            if let known = memo?.find(key) {
                append(known)
            } else {
                pending.append(
                    PendingFile(
                        path: top.pushing(FilePath(raw: visited.relative)), key: key, kind: metadata.kind,
                        offset: bytes.count))
                append(ContentIdentity(words: SIMD4()))
            }
        case .symlink:
            let path = top.pushing(FilePath(raw: visited.relative))
            let target = try tree.relatively { try tree.directory.symlinkTarget(at: path) }
            target.withRawBytes { append(UnsafeRawBufferPointer($0)) }
        case .characterDevice, .blockDevice:
            append(metadata.deviceMajor)
            append(metadata.deviceMinor)
        case .fifo, .socket: break
        }
    }

    /// Reads what nobody remembered.
    func hashPending() throws -> [HashedFile] {
        let batches = stride(from: 0, to: pending.count, by: 32).map { pending[$0..<min($0 + 32, pending.count)] }
        let tree = tree
        return try BlockingPool.concurrentMap(batches) { batch in
            let reader = ContentReader(tree: tree)
            return try batch.map { try reader.read($0) }
        }.flatMap { $0 }
    }

    mutating func finish(_ hashed: [HashedFile]) -> Digest {
        for file in hashed {
            for (index, byte) in file.identity.bytes.enumerated() { bytes[file.offset + index] = byte }
        }
        return Digest.sha256(of: bytes)
    }

    private mutating func append(_ number: UInt32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    private mutating func append(_ text: UnsafeRawBufferPointer) {
        append(UInt32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
    }
    private mutating func append(_ identity: ContentIdentity) {
        withUnsafeBytes(of: identity.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

extension ContentIdentity {
    var littleEndian: SIMD4<UInt64> {
        SIMD4(words.x.littleEndian, words.y.littleEndian, words.z.littleEndian, words.w.littleEndian)
    }
    var bytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
