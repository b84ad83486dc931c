import CHost
package import SystemPackage

// Extended attributes of files below a directory. The last component is never followed.

extension Directory {
    /// All of them that this process may see, by name. Empty when the file system has none.
    package func extendedAttributes(at path: FilePath) throws(SystemError) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        _ = try onFile("read the extended attributes of", path, followLast: false) { directory, name in
            ExtendedAttributes.readAll(directory, name, into: &found)
        }
        return found
    }

    /// nil when it is not set or not supported.
    package func extendedAttribute(_ key: String, at path: FilePath) throws(SystemError) -> [UInt8]? {
        var value: [UInt8]?
        _ = try onFile("read the extended attributes of", path, followLast: false) { directory, name in
            ExtendedAttributes.read(directory, name, key, into: &value)
        }
        return value
    }

    package func setExtendedAttribute(_ key: String, to value: [UInt8], at path: FilePath) throws(SystemError) {
        _ = try onFile("set the extended attribute \(key) of", path, followLast: false) { directory, name in
            value.withUnsafeBytes { chost_setxattr(directory, name, key, $0.baseAddress, $0.count) }
        }
    }

    /// No error when it is not set.
    package func removeExtendedAttribute(_ key: String, at path: FilePath) throws(SystemError) {
        _ = try onFile("remove the extended attribute \(key) of", path, followLast: false) { directory, name in
            let result = chost_removexattr(directory, name, key)
            return ExtendedAttributes.isAbsence(result) ? 0 : result
        }
    }
}

enum ExtendedAttributes {
    /// ENODATA, EOPNOTSUPP.
    static func isAbsence(_ result: Int64) -> Bool { result == -61 || result == -95 }

    static func readAll(_ directory: Int32, _ name: UnsafePointer<CChar>, into found: inout [String: [UInt8]]) -> Int64 {
        // Most files have none: ask with a small buffer on the stack, take a big one only when it does not fit.
        let listed = withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer -> Int64 in
            let text = buffer.bindMemory(to: CChar.self)
            let count = chost_listxattr(directory, name, text.baseAddress, text.count)
            guard count > 0 else { return isAbsence(count) ? 0 : count }
            return readValues(UnsafeBufferPointer(rebasing: text[0..<Int(count)]), directory, name, &found)
        }
        guard listed == -34 else { return listed }  // ERANGE
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 64 << 10)
        defer { buffer.deallocate() }
        let count = chost_listxattr(directory, name, buffer.baseAddress, buffer.count)
        guard count > 0 else { return count }
        return readValues(UnsafeBufferPointer(rebasing: buffer[0..<Int(count)]), directory, name, &found)
    }

    private static func readValues(
        _ keys: UnsafeBufferPointer<CChar>, _ directory: Int32, _ name: UnsafePointer<CChar>,
        _ found: inout [String: [UInt8]]
    ) -> Int64 {
        for key in keys.split(separator: 0) {
            let text = String(decoding: key.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            var value: [UInt8]?
            let result = read(directory, name, text, into: &value)
            if result < 0 { return result }
            if let value { found[text] = value }
        }
        return 0
    }

    static func read(
        _ directory: Int32, _ name: UnsafePointer<CChar>, _ key: String, into value: inout [UInt8]?
    ) -> Int64 {
        var capacity = 256
        while true {
            var length: Int64 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                length = chost_getxattr(directory, name, key, buffer.baseAddress, buffer.count)
                count = max(0, Int(length))
            }
            if length == -34, capacity < 1 << 20 {
                capacity = 1 << 20
                continue
            }
            if isAbsence(length) { return 0 }
            guard length >= 0 else { return length }
            value = bytes
            return 0
        }
    }
}
