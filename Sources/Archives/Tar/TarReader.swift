import HostSystem
import SystemPackage

/// Reads tar archives of every dialect in use: v7, ustar, pax, GNU, star; sparse files come out whole, their holes as
/// zeros. Input is not trusted: whatever the bytes, the result is entries within `limits` or a `TarError`.
/// A copy shares the window of the original, so use only one of them.
package struct TarReader<Source: ByteReader> {
    private var input: TarInput<Source>
    private let limits: TarLimits
    private var globals = PAXRecords()
    private var entries = 0
    private var totalBytes: Int64 = 0
    private var isAtEnd = false

    /// Bytes of the current entry still in the archive, and the padding after them.
    private var stored: Int64 = 0
    private var padding: Int64 = 0
    /// The current entry's logical position and size; they differ from `stored` when it is sparse.
    private var position: Int64 = 0
    private var size: Int64 = 0
    private var pieces: ArraySlice<Range<Int64>> = []

    package init(_ source: Source, limits: TarLimits = TarLimits()) {
        input = TarInput(source)
        self.limits = limits
    }

    /// Bytes of the archive read so far. Right after `next()`: where the entry's stored bytes begin.
    package var offset: Int64 { input.position }

    /// Whether the current entry's bytes lie in the archive as they are, from `offset` on.
    package var isContiguous: Bool { stored == size - position }

    /// The next entry, passing over what was not read of the one before; nil at the end of the archive.
    package mutating func next() throws -> TarEntry? {
        try finishEntry()
        if isAtEnd { return nil }
        var own = PAXRecords()
        while true {
            let start = input.position
            guard let block = try input.take(TarField.blockSize) else {
                // GNU tar and docker accept an archive without its last blocks.
                guard own.isEmpty else { throw TarError(.truncated, at: start) }
                return end()
            }
            guard let header = try TarHeader(block, at: start) else {
                guard own.isEmpty else { throw TarError(.badRecord("it is followed by no entry"), at: start) }
                return end()
            }
            entries += 1
            guard entries <= limits.entries else { throw TarError(.limit("entries", Int64(limits.entries)), at: start) }
            switch header.type {
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                let bytes = try readExtension(header)
                try bytes.withUnsafeBytes { try own.parse($0, at: start, limits: limits) }
            case UInt8(ascii: "g"):
                let bytes = try readExtension(header)
                try bytes.withUnsafeBytes { try globals.parse($0, at: start, limits: limits) }
            case UInt8(ascii: "L"):
                let name = try readExtension(header).prefix { $0 != 0 }
                own.path = own.path ?? Array(name)
                own.isEmpty = false
            case UInt8(ascii: "K"):
                let name = try readExtension(header).prefix { $0 != 0 }
                own.linkPath = own.linkPath ?? Array(name)
                own.isEmpty = false
            case UInt8(ascii: "V"):
                _ = try readExtension(header)
            default:
                return try entry(header, globals.overlaid(with: own))
            }
        }
    }

    /// Bytes of the current entry; 0 at its end.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard position < size, !buffer.isEmpty else { return 0 }
        let hole = (pieces.first?.lowerBound ?? (stored > 0 ? position : size)) - position
        if hole > 0 {
            let count = Int(min(hole, Int64(buffer.count)))
            buffer[rebased: 0..<count].initializeMemory(as: UInt8.self, repeating: 0)
            position += Int64(count)
            return count
        }
        let available = min(pieces.first.map { $0.upperBound - position } ?? stored, stored)
        let count = try input.read(into: buffer[rebased: 0..<Int(min(available, Int64(buffer.count)))])
        position += Int64(count)
        stored -= Int64(count)
        if let piece = pieces.first, position >= piece.upperBound { pieces = pieces.dropFirst() }
        return count
    }

    /// Passes over the hole of a sparse file that begins here; returns its length, 0 where bytes follow.
    package mutating func skipHole() -> Int64 {
        guard position < size else { return 0 }
        let hole = max(0, (pieces.first?.lowerBound ?? (stored > 0 ? position : size)) - position)
        position += hole
        return hole
    }

    /// Reads what follows the archive's end up to the end of the source; returns how many bytes that were.
    package mutating func drain() throws -> Int64 {
        try finishEntry()
        isAtEnd = true
        return try input.drain()
    }

    private mutating func end() -> TarEntry? {
        isAtEnd = true
        return nil
    }

    private mutating func finishEntry() throws {
        if stored > 0 || padding > 0 { try input.skip(stored + padding) }
        stored = 0
        padding = 0
        position = 0
        size = 0
        pieces = []
    }

    /// The data of an extended header.
    private mutating func readExtension(_ header: TarHeader) throws -> [UInt8] {
        let start = header.offset
        let length = try header.number(TarField.size, "size")
        guard length >= 0 else { throw TarError(.badNumber(field: "size"), at: start) }
        guard length <= limits.extendedHeaderBytes else {
            throw TarError(.limit("bytes in an extended header", limits.extendedHeaderBytes), at: start)
        }
        var bytes: [UInt8] = []
        // Grows with what is really there, not with what the header claims.
        while bytes.count < Int(length) {
            guard let block = try input.take(TarField.blockSize) else { throw TarError(.truncated, at: input.position) }
            bytes.append(contentsOf: block.prefix(Int(length) - bytes.count))
        }
        return bytes
    }
}

extension TarReader {
    /// Makes the entry of a header. The header's memory is gone once more input is taken, so that comes last.
    private mutating func entry(_ header: TarHeader, _ records: PAXRecords) throws -> TarEntry {
        let at = header.offset
        let length = try storedLength(header, records)
        let kind = try kind(header, records)
        var entry = TarEntry(
            path: try path(header, records), kind: kind,
            mode: UInt32(truncatingIfNeeded: try header.number(TarField.mode, "mode")) & 0o7777)
        entry.uid = try records.uid ?? header.identifier(TarField.uid, "uid")
        entry.gid = try records.gid ?? header.identifier(TarField.gid, "gid")
        entry.modified = try records.modified ?? Timestamp(seconds: header.number(TarField.modified, "mtime"))
        if header.dialect != .v7 {
            entry.userName = records.userName ?? String(decoding: header.text(TarField.userName), as: UTF8.self)
            entry.groupName = records.groupName ?? String(decoding: header.text(TarField.groupName), as: UTF8.self)
        }
        entry.extendedAttributes = records.extendedAttributes
        if kind == .file {
            size = length
            stored = length
            padding = -length & 511
            if header.type == UInt8(ascii: "S") {
                try readOldSparse(header)
            } else if records.sparse.isPresent {
                try readSparse(records.sparse, at: at)
            }
            entry.size = size
        } else if length > 0, header.type == UInt8(ascii: "D") {
            stored = length
            padding = -length & 511
        }
        totalBytes += min(entry.size, Int64.max - totalBytes)
        guard totalBytes <= limits.totalBytes else { throw TarError(.limit("bytes of files", limits.totalBytes), at: at) }
        return entry
    }

    private func storedLength(_ header: TarHeader, _ records: PAXRecords) throws -> Int64 {
        let length = try records.size ?? header.number(TarField.size, "size")
        guard length >= 0, length <= Int64.max - 1024 else { throw TarError(.badNumber(field: "size"), at: header.offset) }
        return length
    }

    private func kind(_ header: TarHeader, _ records: PAXRecords) throws -> TarEntry.Kind {
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"):
            // Before ustar, a directory was a file whose name ends in a slash.
            let name = header.text(TarField.name)
            let isOldDirectory = header.dialect == .v7 && records.path == nil && name.last == UInt8(ascii: "/")
            return isOldDirectory ? .directory : .file
        case UInt8(ascii: "1"): return .hardLink(try target(header, records))
        case UInt8(ascii: "2"): return .symlink(try target(header, records))
        case UInt8(ascii: "3"): return .characterDevice(major: try major(header), minor: try minor(header))
        case UInt8(ascii: "4"): return .blockDevice(major: try major(header), minor: try minor(header))
        case UInt8(ascii: "5"), UInt8(ascii: "D"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default: throw TarError(.unknownType(header.type), at: header.offset)
        }
    }

    private func major(_ header: TarHeader) throws -> UInt32 { try header.identifier(TarField.major, "devmajor") }
    private func minor(_ header: TarHeader) throws -> UInt32 { try header.identifier(TarField.minor, "devminor") }

    private func path(_ header: TarHeader, _ records: PAXRecords) throws -> FilePath {
        if let bytes = records.sparse.name ?? records.path { return try filePath(bytes, at: header.offset) }
        let name = header.text(TarField.name)
        guard let prefix = header.prefix, !prefix.isEmpty else { return try filePath(name, at: header.offset) }
        return try filePath(Array(prefix) + [UInt8(ascii: "/")] + name, at: header.offset)
    }

    private func target(_ header: TarHeader, _ records: PAXRecords) throws -> FilePath {
        if let bytes = records.linkPath { return try filePath(bytes, at: header.offset) }
        return try filePath(header.text(TarField.link), at: header.offset)
    }

    private func filePath(_ bytes: some Collection<UInt8>, at offset: Int64) throws -> FilePath {
        guard !bytes.isEmpty else { throw TarError(.emptyPath, at: offset) }
        guard bytes.count <= limits.pathBytes else {
            throw TarError(.limit("bytes in a path", Int64(limits.pathBytes)), at: offset)
        }
        guard !bytes.contains(0) else { throw TarError(.badPath, at: offset) }
        return FilePath(bytes: bytes)
    }
}

extension TarReader {
    /// GNU's first format: the map is in the header and the blocks after it.
    private mutating func readOldSparse(_ header: TarHeader) throws {
        let at = header.offset
        let realSize = try header.number(TarField.sparseRealSize, "realsize")
        var numbers: [Int64] = []
        var hasMore = header.block[TarField.sparseMore] != 0
        try Self.appendPieces(header, TarField.sparsePieces, to: &numbers)
        while hasMore {
            guard numbers.count / 2 <= limits.sparsePieces else {
                throw TarError(.limit("pieces of a sparse file", Int64(limits.sparsePieces)), at: at)
            }
            guard let block = try input.take(TarField.blockSize) else { throw TarError(.truncated, at: input.position) }
            let continued = TarHeader(continuing: block, at: at)
            try Self.appendPieces(continued, TarField.continuedPieces, to: &numbers)
            hasMore = block[TarField.continuedMore] != 0
        }
        try use(SparseMap(numbers: numbers, realSize: realSize, at: at), at: at)
    }

    private static func appendPieces(_ header: TarHeader, _ range: Range<Int>, to numbers: inout [Int64]) throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 24) {
            // The list ends with a piece whose fields are empty.
            guard header.block[start + 12] != 0 else { return }
            numbers.append(try header.number(start..<start + 12, "sparse"))
            numbers.append(try header.number(start + 12..<start + 24, "sparse"))
        }
    }

    /// The formats within pax: 0.0 and 0.1 have the map in records, 1.0 at the beginning of the data.
    private mutating func readSparse(_ records: PAXRecords.SparseRecords, at offset: Int64) throws {
        guard let realSize = records.realSize else { throw TarError(.badSparseMap, at: offset) }
        guard records.major == 1 else {
            return try use(SparseMap(numbers: records.numbers, realSize: realSize, at: offset), at: offset)
        }
        var reader = SparseNumbers()
        while !reader.isComplete {
            guard stored >= 512, let block = try input.take(TarField.blockSize) else { throw TarError(.badSparseMap, at: offset) }
            stored -= 512
            try reader.feed(block, limit: limits.sparsePieces, at: offset)
        }
        try use(SparseMap(numbers: reader.pieces, realSize: realSize, at: offset), at: offset)
    }

    private mutating func use(_ map: SparseMap, at offset: Int64) throws {
        guard map.storedBytes == stored else { throw TarError(.badSparseMap, at: offset) }
        pieces = map.pieces[...]
        size = map.realSize
    }
}

/// The map of sparse format 1.0: decimal numbers, a line each; the first says how many pairs follow.
private struct SparseNumbers {
    private var numbers: [Int64] = []
    private var digits: [UInt8] = []

    var pieces: [Int64] { Array(numbers.dropFirst()) }
    var isComplete: Bool { numbers.first.map { Int64(numbers.count) == 1 + 2 * $0 } ?? false }

    mutating func feed(_ block: UnsafeRawBufferPointer, limit: Int, at offset: Int64) throws {
        for byte in block where !isComplete {
            if byte != 10 {
                digits.append(byte)
                guard digits.count <= 20 else { throw TarError(.badSparseMap, at: offset) }
                continue
            }
            guard let number = PAXRecords.decimal(digits) else { throw TarError(.badSparseMap, at: offset) }
            digits = []
            if numbers.isEmpty, number > limit { throw TarError(.limit("pieces of a sparse file", Int64(limit)), at: offset) }
            numbers.append(number)
        }
    }
}
