import HostSystem

/// What extended headers say about the entry that follows: pax records (POSIX pax, "pax Extended Header") and GNU long
/// names. nil: nothing said.
struct PAXRecords {
    var path: [UInt8]?
    var linkPath: [UInt8]?
    var size: Int64?
    var uid: UInt32?
    var gid: UInt32?
    var userName: String?
    var groupName: String?
    var modified: Timestamp?
    var extendedAttributes: [String: [UInt8]] = [:]
    var sparse = SparseRecords()
    var isEmpty = true

    /// GNU.sparse.* of the three pax formats (GNU tar manual, "Storing Sparse Files").
    struct SparseRecords {
        var major: Int64?
        var minor: Int64?
        var name: [UInt8]?
        var realSize: Int64?
        /// Offsets and lengths in turn.
        var numbers: [Int64] = []
        var hasMap = false
        var isPresent: Bool { major != nil || realSize != nil || hasMap }
    }

    /// Adds the records of one extended header to `self`; later ones win. `offset` is for errors.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, at offset: Int64, limits: TarLimits) throws {
        var rest = bytes[...]
        isEmpty = false
        while !rest.isEmpty {
            // Some writers pad the last record with NULs.
            if rest.first == 0, rest.allSatisfy({ $0 == 0 }) { return }
            let record = try Self.takeRecord(&rest, at: offset)
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
                throw TarError(.badRecord("a record without a key"), at: offset)
            }
            try set(record[..<equals], UnsafeRawBufferPointer(rebasing: record[(equals + 1)...]), at: offset, limits: limits)
        }
    }

    /// `LENGTH KEY=VALUE\n`, where LENGTH counts itself too.
    private static func takeRecord(
        _ rest: inout Slice<UnsafeRawBufferPointer>, at offset: Int64
    ) throws -> Slice<UnsafeRawBufferPointer> {
        let bad = TarError(.badRecord("a record's length is wrong"), at: offset)
        guard let space = rest.prefix(20).firstIndex(of: 32),
            let length = decimal(rest[rest.startIndex..<space]), length <= rest.count
        else { throw bad }
        let end = rest.startIndex + Int(length)
        guard space + 1 < end, rest[end - 1] == 10 else { throw bad }
        defer { rest = rest[end...] }
        return rest[(space + 1)..<(end - 1)]
    }

    private mutating func set(
        _ key: Slice<UnsafeRawBufferPointer>, _ value: UnsafeRawBufferPointer, at offset: Int64, limits: TarLimits
    ) throws {
        let key = String(decoding: key, as: UTF8.self)
        switch key {
        case "path": path = try Self.name(value, key, offset)
        case "linkpath": linkPath = try Self.name(value, key, offset)
        case "size": size = try Self.number(value, key, offset)
        case "uid": uid = try Self.identifier(value, key, offset)
        case "gid": gid = try Self.identifier(value, key, offset)
        case "uname": userName = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        case "gname": groupName = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        case "mtime": modified = value.isEmpty ? nil : try Self.time(value, offset)
        case _ where key.hasPrefix("SCHILY.xattr."):
            let name = Self.unescaped(String(key.dropFirst(13)))
            guard !name.isEmpty, !name.utf8.contains(0) else { throw TarError(.badRecord("an attribute without a name"), at: offset) }
            extendedAttributes[name] = Array(value)
        case _ where key.hasPrefix("GNU.sparse."):
            try setSparse(key.dropFirst(11), value, at: offset, limits: limits)
        default: break
        }
    }

    private mutating func setSparse(
        _ key: Substring, _ value: UnsafeRawBufferPointer, at offset: Int64, limits: TarLimits
    ) throws {
        switch key {
        case "major": sparse.major = try Self.number(value, "GNU.sparse.major", offset)
        case "minor": sparse.minor = try Self.number(value, "GNU.sparse.minor", offset)
        case "name": sparse.name = try Self.name(value, "GNU.sparse.name", offset)
        case "realsize", "size": sparse.realSize = try Self.number(value, "GNU.sparse.size", offset)
        case "numblocks": sparse.hasMap = true
        case "offset", "numbytes":
            // Format 0.0: a pair of records a piece.
            let isOffset = sparse.numbers.count.isMultiple(of: 2)
            guard isOffset == (key == "offset"), let number = try Self.number(value, "GNU.sparse.offset", offset) else {
                throw TarError(.badSparseMap, at: offset)
            }
            sparse.hasMap = true
            sparse.numbers.append(number)
        case "map":
            sparse.hasMap = true
            sparse.numbers = []
            for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: true) {
                guard let number = Self.decimal(part) else { throw TarError(.badSparseMap, at: offset) }
                sparse.numbers.append(number)
            }
        default: break
        }
        if sparse.numbers.count / 2 > limits.sparsePieces {
            throw TarError(.limit("pieces of a sparse file", Int64(limits.sparsePieces)), at: offset)
        }
    }
}

extension PAXRecords {
    /// Overlays `self` with what another header says, as an entry's own records overlay the global ones.
    func overlaid(with other: PAXRecords) -> PAXRecords {
        if other.isEmpty { return self }
        if isEmpty { return other }
        var result = other
        result.path = other.path ?? path
        result.linkPath = other.linkPath ?? linkPath
        result.size = other.size ?? size
        result.uid = other.uid ?? uid
        result.gid = other.gid ?? gid
        result.userName = other.userName ?? userName
        result.groupName = other.groupName ?? groupName
        result.modified = other.modified ?? modified
        result.extendedAttributes = extendedAttributes.merging(other.extendedAttributes) { _, own in own }
        return result
    }

    static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int64(digit - 48))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// An empty value takes the record back.
    private static func number(_ value: UnsafeRawBufferPointer, _ key: String, _ offset: Int64) throws -> Int64? {
        if value.isEmpty { return nil }
        guard let number = decimal(value) else { throw TarError(.badNumber(field: key), at: offset) }
        return number
    }

    private static func identifier(_ value: UnsafeRawBufferPointer, _ key: String, _ offset: Int64) throws -> UInt32? {
        guard let number = try number(value, key, offset) else { return nil }
        guard let result = UInt32(exactly: number) else { throw TarError(.badNumber(field: key), at: offset) }
        return result
    }

    private static func name(_ value: UnsafeRawBufferPointer, _ key: String, _ offset: Int64) throws -> [UInt8]? {
        guard !value.contains(0) else { throw TarError(.badPath, at: offset) }
        return value.isEmpty ? nil : Array(value)
    }

    /// `-1.25` is a quarter of a second before -1, so 1.25 seconds before 1970. Digits after the ninth are dropped.
    private static func time(_ value: UnsafeRawBufferPointer, _ offset: Int64) throws -> Timestamp {
        let bad = TarError(.badNumber(field: "mtime"), at: offset)
        let isNegative = value.first == UInt8(ascii: "-")
        let digits = value[(isNegative ? 1 : 0)...]
        let dot = digits.firstIndex(of: UInt8(ascii: "."))
        guard let whole = decimal(digits[..<(dot ?? digits.endIndex)]) else { throw bad }
        var nanoseconds: Int32 = 0
        if let dot {
            let fraction = digits[(dot + 1)...]
            guard fraction.allSatisfy({ (48...57).contains($0) }) else { throw bad }
            var unit: Int32 = 100_000_000
            for digit in fraction.prefix(9) {
                nanoseconds += Int32(digit - 48) * unit
                unit /= 10
            }
        }
        if !isNegative { return Timestamp(seconds: whole, nanoseconds: nanoseconds) }
        if nanoseconds == 0 { return Timestamp(seconds: -whole) }
        return Timestamp(seconds: -whole - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }

    /// GNU tar writes `=` in an attribute's name as `%3D` and `%` as `%25`.
    private static func unescaped(_ name: String) -> String {
        guard name.utf8.contains(UInt8(ascii: "%")) else { return name }
        var result: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.starts(with: "3D".utf8) || rest.starts(with: "25".utf8) {
                result.append(rest.first == UInt8(ascii: "3") ? UInt8(ascii: "=") : UInt8(ascii: "%"))
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
