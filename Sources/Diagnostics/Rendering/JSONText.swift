/// A JSON value whose objects keep the order of their keys, for documents that people read and compare.
package enum JSONText: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Int)
    /// Written with at most three decimals.
    case decimal(Double)
    case string(String)
    case array([JSONText])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONText
        package init(_ key: String, _ value: JSONText) {
            self.key = key
            self.value = value
        }
    }

    /// Without white space.
    package var compact: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let value): String(value)
        case .decimal(let value): value.isFinite ? String((min(max(value, -1e12), 1e12) * 1000).rounded() / 1000) : "null"
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.compact).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.key)):\($0.value.compact)" }.joined(separator: ",") + "}"
        }
    }

    /// Over several lines, two spaces a level.
    package var pretty: String { indented("") }

    private func indented(_ margin: String) -> String {
        let inner = margin + "  "
        switch self {
        case .array(let values) where !values.isEmpty:
            return "[\n" + values.map { inner + $0.indented(inner) }.joined(separator: ",\n") + "\n\(margin)]"
        case .object(let members) where !members.isEmpty:
            let rows = members.map { "\(inner)\(Self.quoted($0.key)): \($0.value.indented(inner))" }
            return "{\n" + rows.joined(separator: ",\n") + "\n\(margin)}"
        default:
            return compact
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
