import SystemPackage

/// Writes the fields of a header block that was zeroed before. Each `put` says whether the value fitted; when not, the
/// field holds what did fit (texts) or zero (numbers).
struct HeaderFields {
    let block: UnsafeMutableRawBufferPointer

    var type: UInt8 {
        get { block[TarField.type] }
        nonmutating set { block[TarField.type] = newValue }
    }

    /// Octal digits, zero-filled, and a NUL.
    @discardableResult
    func put(_ number: UInt64, in range: Range<Int>) -> Bool {
        let digits = range.count - 1
        let fits = number >> UInt64(3 * digits) == 0
        var rest = fits ? number : 0
        var index = range.upperBound - 2
        while index >= range.lowerBound {
            block[index] = 48 + UInt8(truncatingIfNeeded: rest & 7)
            rest >>= 3
            index -= 1
        }
        return fits
    }

    /// User and group names end in a NUL even when they fill the field.
    func put(_ name: String, in range: Range<Int>) -> Bool {
        if name.isEmpty { return true }
        var name = name
        return name.withUTF8 { bytes in
            let count = min(bytes.count, range.count - 1)
            block[rebased: range].copyMemory(from: UnsafeRawBufferPointer(bytes)[rebased: 0..<count])
            return count == bytes.count && !bytes.contains(0)
        }
    }

    func put(_ path: FilePath, in range: Range<Int>) -> Bool {
        path.withBytes { bytes in
            let count = min(bytes.count, range.count)
            block[rebased: range].copyMemory(from: bytes[rebased: 0..<count])
            return count == bytes.count
        }
    }

    /// The name, divided at a slash into prefix and name when it is longer than 100 bytes. Directories end in a slash.
    func putName(_ path: FilePath, isDirectory: Bool) -> Bool {
        path.withBytes { bytes in
            let slash = isDirectory && bytes.last != UInt8(ascii: "/") ? 1 : 0
            if bytes.count + slash <= TarField.name.count {
                block.copyMemory(from: bytes)
                if slash == 1 { block[bytes.count] = UInt8(ascii: "/") }
                return true
            }
            // The last slash that leaves at most 155 bytes before it.
            let candidates = bytes.prefix(TarField.prefix.count + 1)
            if let cut = candidates.lastIndex(of: UInt8(ascii: "/")), cut > 0, cut + 1 < bytes.count,
                bytes.count - cut - 1 + slash <= TarField.name.count
            {
                block[rebased: TarField.prefix].copyMemory(from: bytes[rebased: 0..<cut])
                block.copyMemory(from: bytes[rebased: cut + 1..<bytes.count])
                if slash == 1 { block[bytes.count - cut - 1] = UInt8(ascii: "/") }
                return true
            }
            block.copyMemory(from: bytes[rebased: 0..<TarField.name.count])
            return false
        }
    }

    /// Extended headers have names too, for readers that do not know them and make files of them.
    func putExtensionName(_ path: FilePath) {
        block.copyBytes(from: "PaxHeaders/".utf8)
        path.withBytes { bytes in
            let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            let end = min(bytes.count, start + 80)
            block[rebased: 11..<TarField.name.count].copyMemory(from: bytes[rebased: start..<end])
        }
    }

    /// Magic, version and, last of all, the checksum.
    func seal() {
        block[rebased: TarField.magic].copyBytes(from: "ustar\u{0}00".utf8)
        for index in TarField.checksum { block[index] = 32 }
        var sum: UInt64 = 0
        for byte in block { sum &+= UInt64(byte) }
        put(sum, in: TarField.checksum.lowerBound..<TarField.checksum.upperBound - 1)
    }
}

/// The pax records of one entry, to be written in the order of their keys.
struct TarRecords {
    private var records: [(key: String, value: [UInt8])] = []

    var isEmpty: Bool { records.isEmpty }

    mutating func add(_ key: String, _ value: String) { records.append((key, Array(value.utf8))) }

    mutating func add(_ key: String, _ path: FilePath, isDirectory: Bool) {
        var bytes = path.withBytes { Array($0) }
        if isDirectory, bytes.last != UInt8(ascii: "/") { bytes.append(UInt8(ascii: "/")) }
        records.append((key, bytes))
    }

    /// `=` and `%` in a name are escaped as GNU tar does.
    mutating func addAttribute(_ name: String, _ value: [UInt8]) {
        var escaped = "SCHILY.xattr."
        for scalar in name.unicodeScalars {
            switch scalar {
            case "=": escaped += "%3D"
            case "%": escaped += "%25"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        records.append((escaped, value))
    }

    func encoded() -> [UInt8] {
        var sorted = records.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let isText = sorted.allSatisfy { record in
            !["path", "linkpath"].contains(record.key) || String(validating: record.value, as: UTF8.self) != nil
        }
        // Names are bytes; pax says they are UTF-8 unless this record comes first.
        if !isText { sorted.insert(("hdrcharset", Array("BINARY".utf8)), at: 0) }
        var result: [UInt8] = []
        for (key, value) in sorted {
            let body = key.utf8.count + value.count + 3
            var length = body + 1
            while length != body + String(length).utf8.count { length = body + String(length).utf8.count }
            result.append(contentsOf: "\(length) \(key)=".utf8)
            result.append(contentsOf: value)
            result.append(10)
        }
        return result
    }
}
