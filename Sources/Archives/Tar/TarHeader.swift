/// The layout of a header block (POSIX pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
enum TarField {
    static let blockSize = 512
    static let name = 0..<100
    static let mode = 100..<108
    static let uid = 108..<116
    static let gid = 116..<124
    static let size = 124..<136
    static let modified = 136..<148
    static let checksum = 148..<156
    static let type = 156
    static let link = 157..<257
    static let magic = 257..<265
    static let userName = 265..<297
    static let groupName = 297..<329
    static let major = 329..<337
    static let minor = 337..<345
    static let prefix = 345..<500
    /// Of Jörg Schilling's star, whose header ends in times and "tar\0".
    static let starPrefix = 345..<476
    static let starTrailer = 508..<512
    /// Of old GNU sparse files: four pieces of two numbers of twelve bytes.
    static let sparsePieces = 386..<482
    static let sparseMore = 482
    static let sparseRealSize = 483..<495
    /// Of the blocks that continue them: 21 pieces.
    static let continuedPieces = 0..<504
    static let continuedMore = 504
}

/// Reads the fields of one header block whose checksum is right.
struct TarHeader {
    let block: UnsafeRawBufferPointer
    let offset: Int64

    /// nil for a block of zeros.
    init?(_ block: UnsafeRawBufferPointer, at offset: Int64) throws {
        self.block = block
        self.offset = offset
        var unsigned = 0
        var signed = 0
        for byte in block {
            unsigned &+= Int(byte)
            signed &+= Int(Int8(bitPattern: byte))
        }
        if unsigned == 0 { return nil }
        for byte in block[TarField.checksum] {
            unsigned &-= Int(byte)
            signed &-= Int(Int8(bitPattern: byte))
        }
        let spaces = 8 * 32
        guard let stated = Self.number(block[rebased: TarField.checksum]),
            stated == unsigned + spaces || stated == signed + spaces
        else { throw TarError(.badChecksum, at: offset) }
    }

    /// A block that continues a header and has no checksum of its own.
    init(continuing block: UnsafeRawBufferPointer, at offset: Int64) {
        self.block = block
        self.offset = offset
    }

    enum Dialect { case v7, posix, star, gnu }

    var dialect: Dialect {
        let magic = block[TarField.magic]
        if magic.elementsEqual("ustar  \0".utf8) { return .gnu }
        guard magic.prefix(6).elementsEqual("ustar\0".utf8) else { return .v7 }
        return block[TarField.starTrailer].elementsEqual("tar\0".utf8) ? .star : .posix
    }

    var type: UInt8 { block[TarField.type] }

    func number(_ range: Range<Int>, _ field: String) throws -> Int64 {
        guard let value = Self.number(block[rebased: range]) else { throw TarError(.badNumber(field: field), at: offset) }
        return value
    }

    func identifier(_ range: Range<Int>, _ field: String) throws -> UInt32 {
        guard let value = UInt32(exactly: try number(range, field)) else { throw TarError(.badNumber(field: field), at: offset) }
        return value
    }

    /// The bytes of a text field up to its first NUL.
    func text(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let end = block[range].firstIndex(of: 0) ?? range.upperBound
        return block[rebased: range.lowerBound..<end]
    }

    /// The prefix of the name, for the dialects that have one.
    var prefix: UnsafeRawBufferPointer? {
        switch dialect {
        case .posix: text(TarField.prefix)
        case .star: text(TarField.starPrefix)
        case .v7, .gnu: nil
        }
    }

    /// Octal digits between spaces and NULs (nothing at all is 0), or GNU's base-256: big-endian two's complement with
    /// the first bit set. nil when it is neither or does not fit.
    static func number(_ field: UnsafeRawBufferPointer) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 { return base256(field, first: first) }
        var value: Int64 = 0
        var index = 0
        while index < field.count, field[index] == 32 || field[index] == 0 { index += 1 }
        while index < field.count, (48...55).contains(field[index]) {
            guard value < 1 << 60 else { return nil }
            value = value << 3 | Int64(field[index] - 48)
            index += 1
        }
        while index < field.count {
            guard field[index] == 32 || field[index] == 0 else { return nil }
            // What follows the first NUL is not part of the number.
            if field[index] == 0 { break }
            index += 1
        }
        return value
    }

    private static func base256(_ field: UnsafeRawBufferPointer, first: UInt8) -> Int64? {
        let isNegative = first & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in field.enumerated() {
            let digit = index == 0 ? (isNegative ? byte : byte & 0x7f) : byte
            guard value >= Int64.min >> 8, value <= Int64.max >> 8 else { return nil }
            value = value << 8 | Int64(digit)
        }
        return value
    }
}
