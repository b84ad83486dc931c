import Archives
import HostSystem
import OCI
import SystemPackage

/// What one layer holds, read once: a record of fixed size an entry, and the text of all paths in one piece, so that a
/// million files take a hundred megabytes and no allocation each.
struct LayerListing: Sendable {
    enum Kind: UInt8, Sendable { case file, directory, symlink, hardLink, characterDevice, blockDevice, fifo }

    struct Entry: Sendable {
        var path: Range<UInt32>
        /// Of symlinks and hard links.
        var link: Range<UInt32>
        /// Bytes of a file; 0 for everything else.
        var size: Int64
        /// When it was modified, in seconds since 1970.
        var modified: Int64
        var content: ContentHash
        var uid: UInt32
        var gid: UInt32
        /// Extended attributes, hashed; 0: none.
        var attributes: UInt64
        /// The low twelve bits.
        var mode: UInt16
        var kind: Kind
    }

    private(set) var text: [UInt8] = []
    private(set) var entries: [Entry] = []
    /// Paths whose lower versions are gone.
    private(set) var removed: [Range<UInt32>] = []
    /// Directories whose lower contents are gone.
    private(set) var emptied: [Range<UInt32>] = []
    private(set) var tarBytes: Int64 = 0

    init() {}

    /// Reads the layer to its end and compares its DiffID with what the image says. Blocks.
    init(reading source: LayerSource, limits: AnalysisLimits) throws {
        var reader = LayerReader(try source.open(), limits: limits.tar)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while let change = try reader.next() {
            switch change {
            case .whiteout(let path): removed.append(try append(path, limits))
            case .opaque(let directory): emptied.append(try append(directory, limits))
            case .entry(let entry):
                let content = entry.kind == .file ? try Self.hash(&reader, entry.size, buffer) : ContentHash()
                try append(entry, content, limits)
            }
        }
        let reading = try reader.finish()
        guard reading.diffID == source.diffID else {
            throw AnalysisError(
                "the layer \(source.blob.digest) is not what the image says: its DiffID is \(reading.diffID), not \(source.diffID)")
        }
        tarBytes = reading.tarBytes
    }

    func bytes(_ range: Range<UInt32>) -> ArraySlice<UInt8> { text[Int(range.lowerBound)..<Int(range.upperBound)] }
    func string(_ range: Range<UInt32>) -> String { String(decoding: bytes(range), as: UTF8.self) }

    mutating func append(_ entry: TarEntry, _ content: ContentHash, _ limits: AnalysisLimits) throws {
        let path = try append(entry.path, limits)
        var link: Range<UInt32> = 0..<0
        let kind: Kind
        switch entry.kind {
        case .file: kind = .file
        case .directory: kind = .directory
        case .symlink(let target):
            kind = .symlink
            link = try append(target, limits)
        case .hardLink(let target):
            kind = .hardLink
            link = try append(target, limits)
        case .characterDevice: kind = .characterDevice
        case .blockDevice: kind = .blockDevice
        case .fifo: kind = .fifo
        }
        entries.append(
            Entry(
                path: path, link: link, size: entry.kind == .file ? entry.size : 0, modified: entry.modified.seconds,
                content: content, uid: entry.uid, gid: entry.gid, attributes: Self.hash(entry.extendedAttributes),
                mode: UInt16(truncatingIfNeeded: entry.mode & 0o7777), kind: kind))
    }

    private mutating func append(_ path: FilePath, _ limits: AnalysisLimits) throws -> Range<UInt32> {
        let start = text.count
        path.withBytes { text.append(contentsOf: $0) }
        guard text.count <= limits.textBytes, text.count <= Int(UInt32.max) else {
            throw AnalysisError("a layer has more than \(limits.textBytes) bytes of file names")
        }
        return UInt32(start)..<UInt32(text.count)
    }

    /// Holes are hashed as what they are: a claim of terabytes costs nothing.
    private static func hash(
        _ reader: inout LayerReader, _ size: Int64, _ buffer: UnsafeMutableRawBufferPointer
    ) throws -> ContentHash {
        guard size > 0 else { return ContentHash() }
        var hasher = SHA256Hasher()
        while true {
            let hole = reader.skipHole()
            if hole > 0 { hasher.update("hole \(hole)") }
            let count = try reader.read(into: buffer)
            if count == 0, hole == 0 { break }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
        return ContentHash(hasher.finish())
    }

    private static func hash(_ attributes: [String: [UInt8]]) -> UInt64 {
        guard !attributes.isEmpty else { return 0 }
        var hasher = SHA256Hasher()
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            hasher.update("\(name.utf8.count):\(name)\(value.count):")
            hasher.update(value)
        }
        return ContentHash(hasher.finish()).high
    }
}

/// Half of a SHA-256: enough to tell files of one image apart.
struct ContentHash: Hashable, Sendable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    init() {}

    init(_ digest: Digest) {
        let hex = digest.hex
        high = UInt64(hex.prefix(16), radix: 16) ?? 0
        low = UInt64(hex.dropFirst(16).prefix(16), radix: 16) ?? 0
    }
}
