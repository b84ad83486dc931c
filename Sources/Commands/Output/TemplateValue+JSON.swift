extension TemplateValue {
    /// One line, keys in their order.
    package var json: String {
        var text = ""
        writeJSON(into: &text, indent: nil, level: 0)
        return text
    }

    /// Indented by four spaces a level, as docker's `inspect` is.
    package var prettyJSON: String {
        var text = ""
        writeJSON(into: &text, indent: "    ", level: 0)
        return text
    }

    private func writeJSON(into text: inout String, indent: String?, level: Int) {
        switch self {
        case .missing: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? Self.shortest(value) : "null"
        case .string(let value): Self.quote(value, into: &text)
        case .list(let values):
            Self.write("[", "]", count: values.count, into: &text, indent: indent, level: level) { index, text in
                values[index].writeJSON(into: &text, indent: indent, level: level + 1)
            }
        case .record(let fields), .map(let fields):
            let ordered = fields.ordered
            Self.write("{", "}", count: ordered.count, into: &text, indent: indent, level: level) { index, text in
                Self.quote(ordered[index].name, into: &text)
                text += indent == nil ? ":" : ": "
                ordered[index].value.writeJSON(into: &text, indent: indent, level: level + 1)
            }
        }
    }

    private static func write(
        _ open: String, _ close: String, count: Int, into text: inout String, indent: String?, level: Int,
        _ element: (Int, inout String) -> Void
    ) {
        text += open
        for index in 0..<count {
            if index > 0 { text += "," }
            if let indent { text += "\n" + String(repeating: indent, count: level + 1) }
            element(index, &text)
        }
        if let indent, count > 0 { text += "\n" + String(repeating: indent, count: level) }
        text += close
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _
            where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                || scalar.value == 0x2029:
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
