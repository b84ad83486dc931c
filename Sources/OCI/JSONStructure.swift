/// What is wrong with the structure of a JSON document that a lenient decoder would let pass.
public struct JSONStructureError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case tooLong(limit: Int)
        case tooDeep
        /// Which of two equal keys counts differs between readers, so a digest would not say what the document says.
        case duplicateKey(String)
        case malformed
    }
    /// In bytes from the start.
    public let offset: Int
    public let reason: Reason

    public var description: String {
        let sentence =
            switch reason {
            case .tooLong(let limit): "longer than \(limit) bytes"
            case .tooDeep: "nested too deeply"
            case .duplicateKey(let key): "the key \"\(key.prefix(100))\" occurs twice in one object"
            case .malformed: "malformed"
            }
        return "JSON document refused: \(sentence) (at byte \(offset))"
    }
}

/// Walks over a JSON document before it is decoded: nesting and unique keys. Values are left to the decoder.
struct JSONStructure {
    /// Documents longer than this are nobody's manifest or config.
    static let limit = 4 << 20
    private static let depthLimit = 64

    private let bytes: [UInt8]
    private var index = 0
    /// The keys seen in each open object; nil for an open array.
    private var open: [Set<[UInt8]>?] = []

    static func check(_ bytes: [UInt8]) throws(JSONStructureError) {
        guard bytes.count <= limit else { throw JSONStructureError(offset: limit, reason: .tooLong(limit: limit)) }
        var structure = JSONStructure(bytes: bytes)
        try structure.walk()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func walk() throws(JSONStructureError) {
        while index < bytes.count {
            let start = index
            switch bytes[index] {
            case UInt8(ascii: "{"): try push([], at: start)
            case UInt8(ascii: "["): try push(nil, at: start)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil else { throw fail(.malformed, at: start) }
            case UInt8(ascii: "\""):
                let text = try string()
                if isKey { try note(text, at: start) }
                continue
            default: break
            }
            index += 1
        }
        guard open.isEmpty else { throw fail(.malformed, at: bytes.count) }
    }

    private mutating func push(_ keys: Set<[UInt8]>?, at offset: Int) throws(JSONStructureError) {
        guard open.count < Self.depthLimit else { throw fail(.tooDeep, at: offset) }
        open.append(keys)
    }

    /// Whether the string just read is a key: a colon follows.
    private var isKey: Bool {
        bytes[index...].first { ![9, 10, 13, 32].contains($0) } == UInt8(ascii: ":")
    }

    private mutating func note(_ key: [UInt8], at offset: Int) throws(JSONStructureError) {
        guard var keys = open.popLast(), keys != nil else { throw fail(.malformed, at: offset) }
        guard keys?.insert(key).inserted == true else {
            throw fail(.duplicateKey(String(decoding: key, as: UTF8.self)), at: offset)
        }
        open.append(keys)
    }

    /// The string that begins here, its escapes resolved.
    private mutating func string() throws(JSONStructureError) -> [UInt8] {
        let start = index
        var result: [UInt8] = []
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") { return result }
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard index < bytes.count else { break }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "u"): try appendScalar(to: &result)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            default: result.append(escape)
            }
        }
        throw fail(.malformed, at: start)
    }

    /// Four hex digits. A surrogate is kept as three bytes of its own: enough to compare keys.
    private mutating func appendScalar(to result: inout [UInt8]) throws(JSONStructureError) {
        guard index + 4 <= bytes.count, let value = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw fail(.malformed, at: index) }
        index += 4
        if let scalar = Unicode.Scalar(value) {
            result.append(contentsOf: Array(String(Character(scalar)).utf8))
        } else {
            result.append(contentsOf: [0xff, UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)])
        }
    }

    private func fail(_ reason: JSONStructureError.Reason, at offset: Int) -> JSONStructureError {
        JSONStructureError(offset: offset, reason: reason)
    }
}
