import HostSystem
import SystemPackage

/// Writes tar archives in one canonical way: a ustar header, preceded by pax records for what does not fit one. The
/// same entries give the same bytes. A copy shares its memory with the original, so use only one of them.
package struct TarWriter<Sink: ByteWriter> {
    package private(set) var sink: Sink
    private let keepsFractions: Bool
    private let block = RawMemory(count: TarField.blockSize, zeroed: true)
    /// Bytes of the current entry still to come, and its size.
    private var missing: Int64 = 0
    private var size: Int64 = 0
    /// Bytes written so far.
    package private(set) var offset: Int64 = 0

    /// `keepsFractions`: write parts of a second, which needs a pax record an entry. Layers do without.
    package init(_ sink: Sink, keepsFractions: Bool = false) {
        self.sink = sink
        self.keepsFractions = keepsFractions
    }

    /// Begins an entry; exactly `entry.size` bytes must follow through `write` when it is a file.
    package mutating func append(_ entry: TarEntry) throws {
        try finishEntry()
        guard !entry.path.isEmpty else { throw TarError(.emptyPath, at: offset) }
        size = entry.kind == .file ? entry.size : 0
        guard size >= 0, size < Int64.max - 1024 else { throw TarError(.unrepresentable("size"), at: offset) }
        let header = try fillHeader(entry)
        if !header.isEmpty { try writeRecords(header, of: entry) }
        try emitBlock()
        missing = size
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard Int64(bytes.count) <= missing else {
            throw TarError(.wrongSize(expected: size, written: size - missing + Int64(bytes.count)), at: offset)
        }
        try sink.write(bytes)
        missing -= Int64(bytes.count)
        offset += Int64(bytes.count)
    }

    package mutating func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Ends the archive: two blocks of zeros, and the sink's own end.
    package mutating func finish() throws {
        try finishEntry()
        try emitBlock()
        try emitBlock()
        try sink.finish()
    }

    private mutating func finishEntry() throws {
        guard missing == 0 else { throw TarError(.wrongSize(expected: size, written: size - missing), at: offset) }
        let padding = Int(-size & 511)
        block.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        if padding > 0 {
            try sink.write(UnsafeRawBufferPointer(block.bytes[rebased: 0..<padding]))
            offset += Int64(padding)
        }
        size = 0
    }

    private mutating func emitBlock() throws {
        try sink.write(UnsafeRawBufferPointer(block.bytes))
        offset += Int64(TarField.blockSize)
    }
}

extension TarWriter {
    /// Fills the (zeroed) block, and returns records for the values that the block cannot hold.
    private func fillHeader(_ entry: TarEntry) throws -> TarRecords {
        var records = TarRecords()
        let header = HeaderFields(block: block.bytes)
        header.put(UInt64(entry.mode & 0o7777), in: TarField.mode)
        if !header.put(UInt64(entry.uid), in: TarField.uid) { records.add("uid", String(entry.uid)) }
        if !header.put(UInt64(entry.gid), in: TarField.gid) { records.add("gid", String(entry.gid)) }
        if !header.put(UInt64(size), in: TarField.size) { records.add("size", String(size)) }
        if !header.putName(entry.path, isDirectory: entry.kind == .directory) {
            records.add("path", entry.path, isDirectory: entry.kind == .directory)
        }
        let time = entry.modified
        let fits = time.seconds >= 0 && header.put(UInt64(time.seconds), in: TarField.modified)
        if !fits || (keepsFractions && time.nanoseconds != 0) {
            if !fits { header.put(0, in: TarField.modified) }
            records.add("mtime", keepsFractions ? Self.decimal(time) : String(time.seconds))
        }
        if !header.put(entry.userName, in: TarField.userName) { records.add("uname", entry.userName) }
        if !header.put(entry.groupName, in: TarField.groupName) { records.add("gname", entry.groupName) }
        try fillKind(entry.kind, header, &records)
        for (name, value) in entry.extendedAttributes {
            guard !name.isEmpty, !name.utf8.contains(0) else { throw TarError(.unrepresentable("xattr"), at: offset) }
            records.addAttribute(name, value)
        }
        header.seal()
        return records
    }

    private func fillKind(_ kind: TarEntry.Kind, _ header: HeaderFields, _ records: inout TarRecords) throws {
        var device: (major: UInt32, minor: UInt32)?
        switch kind {
        case .file: header.type = UInt8(ascii: "0")
        case .directory: header.type = UInt8(ascii: "5")
        case .fifo: header.type = UInt8(ascii: "6")
        case .symlink(let target):
            header.type = UInt8(ascii: "2")
            guard !target.isEmpty else { throw TarError(.emptyPath, at: offset) }
            if !header.put(target, in: TarField.link) { records.add("linkpath", target, isDirectory: false) }
        case .hardLink(let target):
            header.type = UInt8(ascii: "1")
            guard !target.isEmpty else { throw TarError(.emptyPath, at: offset) }
            if !header.put(target, in: TarField.link) { records.add("linkpath", target, isDirectory: false) }
        case .characterDevice(let major, let minor):
            header.type = UInt8(ascii: "3")
            device = (major, minor)
        case .blockDevice(let major, let minor):
            header.type = UInt8(ascii: "4")
            device = (major, minor)
        }
        let fits =
            header.put(UInt64(device?.major ?? 0), in: TarField.major)
            && header.put(UInt64(device?.minor ?? 0), in: TarField.minor)
        guard fits else { throw TarError(.unrepresentable("device number"), at: offset) }
    }

    private static func decimal(_ time: Timestamp) -> String {
        if time.nanoseconds == 0 { return String(time.seconds) }
        // A negative time counts down: -0.25 is {-1, 750000000}.
        let isNegative = time.seconds < 0
        let whole = isNegative ? -(time.seconds + 1) : time.seconds
        let part = isNegative ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        var digits = String(part)
        digits = String(repeating: "0", count: max(0, 9 - digits.utf8.count)) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(isNegative ? "-" : "")\(whole).\(digits)"
    }

    /// Writes the extended header, while the block holds the entry's own, which is put aside meanwhile.
    private mutating func writeRecords(_ records: TarRecords, of entry: TarEntry) throws {
        let bytes = records.encoded()
        let own = Array(block.bytes)
        block.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        let header = HeaderFields(block: block.bytes)
        header.putExtensionName(entry.path)
        header.put(0o644, in: TarField.mode)
        for field in [TarField.uid, TarField.gid, TarField.modified, TarField.major, TarField.minor] { header.put(0, in: field) }
        guard header.put(UInt64(bytes.count), in: TarField.size) else { throw TarError(.unrepresentable("xattr"), at: offset) }
        header.type = UInt8(ascii: "x")
        header.seal()
        try emitBlock()
        try sink.write(bytes)
        block.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        let padding = -bytes.count & 511
        try sink.write(UnsafeRawBufferPointer(block.bytes[rebased: 0..<padding]))
        offset += Int64(bytes.count + padding)
        block.bytes.copyBytes(from: own)
    }
}
