/// `.dive-ci`: a map of rules under `rules:`, the one shape dive gives it.
///
///     rules:
///       lowestEfficiency: 0.95   # comments and quotes are taken
///       highestWastedBytes: 20MB
enum GateFile {
    /// Names and values in order. Anything but that shape is an error with its line.
    static func rules(in text: String, name: String) throws(UsageError) -> [(String, String)] {
        var rules: [(String, String)] = []
        var isInside = false
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = content(of: raw)
            guard !line.isEmpty, line != "---" else { continue }
            let isIndented = raw.first == " "
            guard raw.first != "\t", let colon = line.firstIndex(of: ":") else {
                throw problem(name, index, "this line is no \"rule: value\"")
            }
            let key = String(line[..<colon])
            let value = unquoted(line[line.index(after: colon)...])
            if !isIndented {
                guard key == "rules", value.isEmpty else { throw problem(name, index, "only \"rules:\" may stand here, found \"\(key)\"") }
                isInside = true
            } else {
                guard isInside else { throw problem(name, index, "\"\(key)\" has to stand below \"rules:\"") }
                rules.append((key, value))
            }
        }
        return rules
    }

    private static func problem(_ name: String, _ index: Int, _ what: String) -> UsageError {
        UsageError("\(name):\(index + 1): \(what)", help: "write \"rules:\" and below it, indented, \"lowestEfficiency: 0.95\"")
    }

    private static func content(of line: Substring) -> Substring {
        var line = line
        if let comment = line.firstIndex(of: "#"), comment == line.startIndex || line[line.index(before: comment)] == " " {
            line = line[..<comment]
        }
        while line.first == " " { line.removeFirst() }
        while let last = line.last, last == " " || last == "\r" { line.removeLast() }
        return line
    }

    private static func unquoted(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        if let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote {
            text = text.dropFirst().dropLast()
        }
        return String(text)
    }
}
