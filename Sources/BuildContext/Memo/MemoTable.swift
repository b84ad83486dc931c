import HostSystem
import SystemPackage

/// What must be unchanged for a file's content to be taken as unchanged.
struct MemoKey: Hashable, Sendable {
    var path: UInt64
    var inode: UInt64
    var size: Int64
    var modified: Timestamp
    var changed: Timestamp

    init(path: UInt64, _ metadata: FileMetadata) {
        self.path = path
        inode = metadata.inode
        size = metadata.size
        modified = metadata.modified
        changed = metadata.changed
    }
}

/// The memo as it lies on disk: a header and records of a fixed size in no order, found through an index that is
/// built when it is read. Little-endian.
///
/// Header: 8 bytes name and version, 8 bytes hash of the tree's path, 8 bytes count, 8 bytes checksum of the records.
/// Record: path hash, inode, size, modified s, changed s (8 bytes each), modified ns, changed ns (4), identity (32),
/// saves since it was last used (8).
struct MemoTable: Sendable {
    static let recordSize = 88
    static let headerSize = 32
    private static let magic: UInt64 = 0x316F_6D65_6D74_656A  // "jetmemo1"
    /// Records beyond this are dropped, oldest first by use: a memo file is at most 44 MB.
    static let mostRecords = 500_000
    /// A record that so many saves did not use is of a file that is gone.
    static let mostUnusedSaves: UInt64 = 8

    private let bytes: [UInt8]
    /// Open addressing: record number + 1, 0 for free.
    private let index: [UInt32]
    let count: Int

    static let empty = MemoTable()

    private init() {
        bytes = []
        index = []
        count = 0
    }

    /// nil when it is not a memo of this tree, or damaged.
    init?(parsing bytes: [UInt8], tree: UInt64) {
        guard bytes.count >= Self.headerSize else { return nil }
        let header = bytes.withUnsafeBytes { raw in (0..<4).map { Self.word(raw, at: $0 * 8) } }
        guard header[0] == Self.magic, header[1] == tree, header[2] <= UInt64(Self.mostRecords) else { return nil }
        let count = Int(header[2])
        guard bytes.count == Self.headerSize + count * Self.recordSize,
            header[3]
                == bytes.withUnsafeBytes({ Self.checksum(UnsafeRawBufferPointer(rebasing: $0[Self.headerSize...])) })
        else { return nil }
        self.bytes = bytes
        self.count = count
        var size = 16
        while size < count * 2 { size *= 2 }
        var index = [UInt32](repeating: 0, count: size)
        bytes.withUnsafeBytes { raw in
            for record in 0..<count {
                var slot = Int(truncatingIfNeeded: Self.word(raw, at: Self.offset(record))) & (size - 1)
                while index[slot] != 0 { slot = (slot + 1) & (size - 1) }
                index[slot] = UInt32(record + 1)
            }
        }
        self.index = index
    }

    /// The record of exactly this file, and its content.
    func find(_ key: MemoKey) -> (record: Int, identity: ContentIdentity)? {
        guard count > 0 else { return nil }
        return bytes.withUnsafeBytes { raw in
            let mask = index.count - 1
            var slot = Int(truncatingIfNeeded: key.path) & mask
            while index[slot] != 0 {
                let record = Int(index[slot]) - 1
                let at = Self.offset(record)
                if Self.word(raw, at: at) == key.path {
                    return Self.matches(raw, at, key) ? (record, Self.identity(raw, at)) : nil
                }
                slot = (slot + 1) & mask
            }
            return nil
        }
    }

    private static func matches(_ raw: UnsafeRawBufferPointer, _ at: Int, _ key: MemoKey) -> Bool {
        word(raw, at: at + 8) == key.inode
            && word(raw, at: at + 16) == UInt64(bitPattern: key.size)
            && word(raw, at: at + 24) == UInt64(bitPattern: key.modified.seconds)
            && word(raw, at: at + 32) == UInt64(bitPattern: key.changed.seconds)
            && word(raw, at: at + 40) == nanoseconds(key)
    }

    private static func nanoseconds(_ key: MemoKey) -> UInt64 {
        UInt64(UInt32(bitPattern: key.modified.nanoseconds))
            | UInt64(UInt32(bitPattern: key.changed.nanoseconds)) << 32
    }

    private static func identity(_ raw: UnsafeRawBufferPointer, _ at: Int) -> ContentIdentity {
        ContentIdentity(
            words: SIMD4(word(raw, at: at + 48), word(raw, at: at + 56), word(raw, at: at + 64), word(raw, at: at + 72))
        )
    }

    private static func offset(_ record: Int) -> Int { headerSize + record * recordSize }

    @inline(__always)
    private static func word(_ raw: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func checksum(_ records: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0x9E37_79B9_7F4A_7C15
        for offset in stride(from: 0, to: records.count, by: 8) {
            sum = (sum ^ word(records, at: offset)) &* 0xFF51_AFD7_ED55_8CCD
            sum ^= sum >> 32
        }
        return sum
    }

    /// This table with new records, without those they replace and those long unused.
    func merging(
        _ added: [UInt64: (key: MemoKey, identity: ContentIdentity)], used: Set<Int>, tree: UInt64
    ) -> [UInt8] {
        var records: [UInt8] = []
        records.reserveCapacity((count + added.count) * Self.recordSize)
        for (key, identity) in added.values.prefix(Self.mostRecords) {
            Self.append([key.path, key.inode, UInt64(bitPattern: key.size)], to: &records)
            Self.append(
                [UInt64(bitPattern: key.modified.seconds), UInt64(bitPattern: key.changed.seconds)], to: &records)
            Self.append([Self.nanoseconds(key)], to: &records)
            Self.append((0..<4).map { identity.words[$0] } + [0], to: &records)
        }
        bytes.withUnsafeBytes { raw in
            for isUsedPass in [true, false] {
                for record in 0..<count where used.contains(record) == isUsedPass {
                    let at = Self.offset(record)
                    let age = isUsedPass ? 0 : Self.word(raw, at: at + 80) + 1
                    guard added[Self.word(raw, at: at)] == nil, age <= Self.mostUnusedSaves,
                        records.count < Self.mostRecords * Self.recordSize
                    else { continue }
                    records.append(contentsOf: raw[at..<at + 80])
                    Self.append([age], to: &records)
                }
            }
        }
        var file: [UInt8] = []
        file.reserveCapacity(Self.headerSize + records.count)
        let checksum = records.withUnsafeBytes { Self.checksum($0) }
        Self.append([Self.magic, tree, UInt64(records.count / Self.recordSize), checksum], to: &file)
        file += records
        return file
    }

    private static func append(_ words: [UInt64], to bytes: inout [UInt8]) {
        for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    }
}
