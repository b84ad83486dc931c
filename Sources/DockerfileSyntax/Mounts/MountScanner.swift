import Diagnostics

/// Cuts the value of `--mount=` into its options: one line of comma-separated values (RFC 4180), in which a field with a
/// comma in it stands in double quotes.
struct MountScanner {
    private let word: Word
    private let bytes: [UInt8]
    private(set) var problems: [Diagnostic] = []

    /// More is no mount that anybody wrote.
    private static let mostOptions = 64

    init(_ word: Word) {
        self.word = word
        bytes = Array(word.raw.utf8)
    }

    mutating func scan() -> RunMount {
        var mount = RunMount(word: word, options: [])
        var index = 0
        while index <= bytes.count {
            guard mount.options.count < Self.mostOptions else {
                report("mount-invalid", "a mount has at most \(Self.mostOptions) options", at: word.range)
                break
            }
            let field = field(from: &index)
            // A trailing comma, or nothing at all, says nothing.
            if field.kept.isEmpty, field.covering.isEmpty {
                if bytes.isEmpty {
                    report(
                        "mount-invalid", "this mount is empty", at: word.range,
                        help: "write --mount=type=cache,target=/path, or remove the flag")
                    break
                }
                report(
                    "mount-invalid", "there is an empty option between two commas",
                    at: word.range(ofRaw: max(0, field.covering.lowerBound - 1)..<field.covering.lowerBound),
                    help: "remove the comma")
                continue
            }
            if let option = option(of: field) { mount.options.append(option) }
        }
        return mount
    }

    private struct Field {
        /// The bytes of the field, quotes taken away.
        var kept: [Range<Int>]
        var covering: Range<Int>
    }

    private mutating func field(from index: inout Int) -> Field {
        let start = index
        guard index < bytes.count, bytes[index] == .quote else {
            while index < bytes.count, bytes[index] != .comma { index += 1 }
            let range = start..<index
            index += 1
            return Field(kept: range.isEmpty ? [] : [range], covering: range)
        }
        index += 1
        var kept: [Range<Int>] = []
        var from = index
        var isClosed = false
        while index < bytes.count {
            if bytes[index] == .quote {
                kept.append(from..<index)
                // Two of them are one.
                guard index + 1 < bytes.count, bytes[index + 1] == .quote else {
                    isClosed = true
                    index += 1
                    break
                }
                from = index + 1
                index += 2
                continue
            }
            index += 1
        }
        if !isClosed { kept.append(from..<index) }
        if !isClosed || (index < bytes.count && bytes[index] != .comma) {
            report(
                "mount-quotes", isClosed ? "the quotes must go around the whole option" : "a double quote has no end",
                at: word.range(ofRaw: start..<min(index, bytes.count)),
                help: "write the option as \"key=value\", quotes included")
            while index < bytes.count, bytes[index] != .comma { index += 1 }
        }
        let covering = start..<index
        index += 1
        return Field(kept: kept.filter { !$0.isEmpty }, covering: covering)
    }

    private mutating func option(of field: Field) -> RunMount.Option? {
        var nameParts: [Range<Int>] = []
        var valueParts: [Range<Int>]?
        for part in field.kept {
            if valueParts != nil {
                valueParts?.append(part)
            } else if let equals = part.first(where: { bytes[$0] == .equals }) {
                nameParts.append(part.lowerBound..<equals)
                valueParts = [equals + 1..<part.upperBound]
            } else {
                nameParts.append(part)
            }
        }
        let first = field.kept.first?.lowerBound ?? field.covering.lowerBound
        let nameEnd = nameParts.last?.upperBound ?? first
        let name = word.part(nameParts, covering: first..<max(first, nameEnd))
        let value = valueParts.map { parts in
            let start = parts.first?.lowerBound ?? nameEnd
            return word.part(parts, covering: start..<max(start, parts.last?.upperBound ?? start))
        }
        guard let key = MountKey.bySpelling[name.raw.lowercased()] else {
            reportUnknown(name, value, field)
            return nil
        }
        if value == nil, !key.isFlag {
            report(
                "mount-value-missing", "\(name.raw) needs a value", at: name.range, "no value",
                help: "write \(name.raw)=VALUE, with \"=\" and without spaces")
            return nil
        }
        return RunMount.Option(key: key, name: name, value: value)
    }

    private mutating func reportUnknown(_ name: Word, _ value: Word?, _ field: Field) {
        let all = MountKey.allCases.flatMap(\.spellings)
        if ["z", "u"].contains(name.raw.lowercased()), value == nil || value?.raw == "true" || value?.raw == "false" {
            let start = field.covering.lowerBound > 0 ? field.covering.lowerBound - 1 : field.covering.lowerBound
            problems.append(
                Diagnostic(
                    .error, "mount-option-unknown", "\"\(name.raw)\" is an option of podman that docker does not know",
                    at: name.range, "not a key of --mount",
                    notes: ["it relabels or re-owns what is mounted; what is mounted here needs neither"],
                    help: "remove it", fix: [.init(word.range(ofRaw: start..<field.covering.upperBound), "")]))
            return
        }
        if let meant = Suggestion.nearest(to: name.raw, among: all) {
            problems.append(
                Diagnostic(
                    .error, "mount-option-unknown", "--mount has no key \"\(name.raw)\"", at: name.range,
                    "did you mean \"\(meant)\"?", help: "write \(meant)", fix: [.init(name.range, meant)]))
        } else {
            report(
                "mount-option-unknown", "--mount has no key \"\(name.raw)\"", at: name.range, "unknown key",
                help: "keys are \(MountKey.allCases.map { $0.spellings[0] }.joined(separator: ", "))")
        }
    }

    private mutating func report(
        _ code: String, _ message: String, at range: SourceRange, _ label: String = "", help: String? = nil
    ) {
        problems.append(Diagnostic(.error, code, message, at: range, label, help: help))
    }
}
