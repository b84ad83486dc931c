import Diagnostics

/// What a flag takes.
enum FlagKind {
    case value
    /// A value; the flag may be repeated.
    case values
    /// Nothing, `=true` or `=false`.
    case toggle
}

/// The flags of each instruction (Dockerfile reference).
enum FlagTable {
    static let flags: [String: [String: FlagKind]] = [
        "FROM": ["platform": .value],
        "RUN": ["mount": .values, "network": .value, "security": .value, "device": .values],
        "COPY": [
            "from": .value, "chown": .value, "chmod": .value, "link": .toggle, "parents": .toggle, "exclude": .values,
        ],
        "ADD": [
            "chown": .value, "chmod": .value, "link": .toggle, "exclude": .values, "checksum": .value,
            "keep-git-dir": .toggle, "unpack": .toggle,
        ],
        "HEALTHCHECK": [
            "interval": .value, "timeout": .value, "start-period": .value, "start-interval": .value, "retries": .value,
        ],
    ]

    static func flags(of keyword: String) -> [String: FlagKind] { flags[keyword] ?? [:] }
}

/// The flags of one statement, checked against the table.
struct FlagValues {
    fileprivate(set) var values: [String: [Word]] = [:]
    fileprivate(set) var toggles: [String: Bool] = [:]

    func value(_ name: String) -> Word? { values[name]?.last }
    func all(_ name: String) -> [Word] { values[name] ?? [] }
    func isOn(_ name: String) -> Bool { toggles[name] ?? false }
}

extension Statement {
    /// Checks the flags: known to this instruction, given once unless they may be repeated, with a value when they need one.
    mutating func readFlags() -> FlagValues {
        let known = FlagTable.flags(of: keyword)
        var result = FlagValues()
        var seen: [String: ScannedFlag] = [:]
        for flag in flags {
            guard let kind = known[flag.name] else {
                reportUnknown(flag, known: known)
                continue
            }
            if let earlier = seen[flag.name], kind != .values {
                report(
                    Diagnostic(
                        .error, "repeated-flag", "\(keyword) takes --\(flag.name) once", at: place(flag.range), "given again here",
                        also: [Diagnostic.Label(place(earlier.range), "first given here")], help: "remove one of the two"))
            }
            seen[flag.name] = flag
            read(flag, kind, into: &result)
        }
        return result
    }

    private mutating func read(_ flag: ScannedFlag, _ kind: FlagKind, into result: inout FlagValues) {
        if kind == .toggle {
            switch flag.value?.raw.lowercased() {
            case nil, "true": result.toggles[flag.name] = true
            case "false": result.toggles[flag.name] = false
            default:
                error(
                    "invalid-flag-value", "--\(flag.name) is true or false", at: place(flag.valueRange ?? flag.range),
                    help: "write --\(flag.name), or --\(flag.name)=false")
            }
            return
        }
        guard let value = flag.value else {
            let following = bytes.plainWords(in: rest).first.map { text.text($0) }
            error(
                "flag-value-missing", "--\(flag.name) needs a value", at: place(flag.range), "no value",
                help: "write --\(flag.name)=\(following ?? "VALUE"), with \"=\" and without spaces")
            return
        }
        if value.raw.isEmpty {
            report(
                Diagnostic(
                    .warning, "flag-value-missing", "--\(flag.name) has an empty value", at: place(flag.range),
                    "nothing after \"=\"", help: "write the value directly after \"=\", or remove the flag"))
        }
        result.values[flag.name, default: []].append(value)
    }

    private mutating func reportUnknown(_ flag: ScannedFlag, known: [String: FlagKind]) {
        let range = place(flag.nameRange)
        let others = FlagTable.flags.filter { $0.value[flag.name] != nil }.keys.sorted()
        if let meant = Suggestion.nearest(to: flag.name, among: known.keys.sorted()) {
            report(
                Diagnostic(
                    .error, "unknown-flag", "\(keyword) has no flag --\(flag.name)", at: range, "did you mean \"--\(meant)\"?",
                    help: "write --\(meant)", fix: [Diagnostic.TextEdit(range, "--\(meant)")]))
        } else if !others.isEmpty {
            error(
                "unknown-flag", "\(keyword) has no flag --\(flag.name)", at: range,
                "a flag of \(others.joined(separator: " and "))",
                help: keyword == "ADD" && flag.name == "from"
                    ? "use COPY, which copies from stages and images" : "remove the flag, or use \(others[0])")
        } else if known.isEmpty {
            error(
                "unknown-flag", "\(keyword) takes no flags, but has --\(flag.name)", at: range,
                help: ["CMD", "ENTRYPOINT"].contains(keyword)
                    ? "to pass it to a program, write the exec form: \(keyword) [\"--\(flag.name)\"]" : "remove the flag")
        } else {
            error(
                "unknown-flag", "\(keyword) has no flag --\(flag.name)", at: range,
                help: "\(keyword) knows \(known.keys.sorted().map { "--\($0)" }.joined(separator: ", "))")
        }
    }
}
