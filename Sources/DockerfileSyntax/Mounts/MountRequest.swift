package import Diagnostics

/// A mount with its values expanded and checked.
package struct MountRequest: Sendable, Hashable {
    /// A value and where it is written.
    package struct Value: Sendable, Hashable {
        package var text: String
        package var range: SourceRange
    }

    package var kind: MountKind
    /// The whole value of the flag.
    package var range: SourceRange
    package var from: Word?
    /// nil: not given, or empty.
    package var source: Value?
    package var target: Value?
    package var readOnly: Bool
    package var id: Value?
    package var sharing: CacheSharing?
    package var mode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?
    /// In bytes.
    package var size: Int64?
    package var required: Bool
    package var environment: Value?
}

extension RunMount {
    /// The mount with its values; nil when one of them is not known yet.
    /// - Parameter expand: nil for a value that cannot be expanded now: it is not checked.
    package func request(
        problems: inout [Diagnostic], expand: (Word) throws(DiagnosticsError) -> String?
    ) -> MountRequest? {
        var reading = MountReading(mount: self)
        for option in options {
            do { try reading.take(option, expand) } catch { reading.problems += error.diagnostics }
        }
        reading.checkKind()
        problems += reading.problems
        guard !reading.isIncomplete, !reading.problems.contains(where: { $0.severity == .error }) else { return nil }
        return reading.request
    }

    /// Values that hold no variable, as written; those with one wait.
    static func withoutVariables(_ word: Word) throws(DiagnosticsError) -> String? {
        word.raw.contains("$") ? nil : try word.expanded(in: VariableScope())
    }
}

/// Fills a request from options.
private struct MountReading {
    let mount: RunMount
    var request: MountRequest
    var problems: [Diagnostic] = []
    /// Something is not known yet.
    var isIncomplete = false
    private var kindIsKnown = true
    private var accessIsGiven = false
    /// The last option of each key.
    private var used: [MountKey: RunMount.Option] = [:]

    init(mount: RunMount) {
        self.mount = mount
        request = MountRequest(kind: .bind, range: mount.word.range, readOnly: true, required: false)
    }

    mutating func take(
        _ option: RunMount.Option, _ expand: (Word) throws(DiagnosticsError) -> String?
    ) throws(DiagnosticsError) {
        used[option.key] = option
        guard let word = option.value else {
            set(flag: option.key, true)
            return
        }
        if option.key == .from {
            // Whoever resolves stages says what is wrong with it.
            request.from = word.raw.isEmpty ? nil : word
            return
        }
        guard let text = try expand(word) else {
            isIncomplete = true
            if option.key == .type { kindIsKnown = false }
            return
        }
        try set(option, text, at: word.range)
    }

    private mutating func set(flag key: MountKey, _ isOn: Bool) {
        switch key {
        case .readOnly, .readWrite:
            request.readOnly = (key == .readOnly) == isOn
            accessIsGiven = true
        case .required: request.required = isOn
        default: break
        }
    }

    private mutating func set(
        _ option: RunMount.Option, _ text: String, at range: SourceRange
    ) throws(DiagnosticsError) {
        let value = text.isEmpty ? nil : MountRequest.Value(text: text, range: range)
        switch option.key {
        case .type: request.kind = try choice(text, at: range, "mount type")
        case .sharing: request.sharing = try choice(text, at: range, "kind of sharing")
        case .source: request.source = value
        case .target: request.target = value
        case .id: request.id = value
        case .env: request.environment = try variable(value, at: option.range)
        case .readOnly, .readWrite, .required: set(flag: option.key, try boolean(text, option.name, at: range))
        case .mode: request.mode = try mode(text, at: range)
        case .uid: request.uid = try number(text, "uid", at: range)
        case .gid: request.gid = try number(text, "gid", at: range)
        case .size: request.size = try size(text, at: range)
        case .from: break
        }
    }

    // Values

    private func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ text: String, at range: SourceRange, _ what: String
    ) throws(DiagnosticsError) -> Choice {
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        let all = Choice.allCases.map(\.rawValue)
        var diagnostic = Diagnostic(
            .error, "mount-value-unknown", "\"\(text)\" is not a \(what)", at: range,
            help: "write one of \(all.joined(separator: ", "))")
        if let meant = Suggestion.nearest(to: text, among: all) {
            diagnostic.help = "did you mean \"\(meant)\"?"
            diagnostic.fix = [.init(range, meant)]
        }
        throw DiagnosticsError(diagnostic)
    }

    /// What Go's ParseBool takes.
    private func boolean(_ text: String, _ name: Word, at range: SourceRange) throws(DiagnosticsError) -> Bool {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw invalid("\(name.raw) is true or false, not \"\(text)\"", at: range, help: "write \(name.raw), or \(name.raw)=false")
        }
    }

    private func mode(_ text: String, at range: SourceRange) throws(DiagnosticsError) -> UInt32 {
        if let mode = UInt32(text, radix: 8), mode <= 0o7777, !text.hasPrefix("+") { return mode }
        throw invalid("\"\(text)\" is not an octal mode", at: range, help: "write permissions as octal digits, for example 0400")
    }

    private func number(_ text: String, _ what: String, at range: SourceRange) throws(DiagnosticsError) -> UInt32 {
        if let number = UInt32(text), !text.hasPrefix("+") { return number }
        throw invalid("\"\(text)\" is not a \(what)", at: range, help: "give the number: names are not looked up in --mount")
    }

    /// As docker writes memory: digits, a unit of 1024 each, perhaps `b` or `ib`.
    private func size(_ text: String, at range: SourceRange) throws(DiagnosticsError) -> Int64 {
        let lower = text.lowercased()
        let digits = lower.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = lower.dropFirst(digits.count)
        if unit.first == " " { unit.removeFirst() }
        if unit.hasSuffix("ib") { unit.removeLast(2) } else if unit.hasSuffix("b") { unit.removeLast() }
        let factors: [Substring: Double] = ["": 1, "k": 0x1p10, "m": 0x1p20, "g": 0x1p30, "t": 0x1p40, "p": 0x1p50]
        if let value = Double(digits), let factor = factors[unit], value * factor < 0x1p62 { return Int64(value * factor) }
        throw invalid("\"\(text)\" is not a size", at: range, help: "write a number with a unit, for example 64m or 1g")
    }

    private func variable(
        _ value: MountRequest.Value?, at range: SourceRange
    ) throws(DiagnosticsError) -> MountRequest.Value? {
        guard let value else { throw invalid("env needs the name of a variable", at: range, help: "write env=NAME") }
        guard !value.text.contains(where: { $0 == "=" || $0 == "\0" }) else {
            throw invalid("\"\(value.text)\" cannot be the name of a variable", at: value.range, help: "write env=NAME")
        }
        return value
    }

    private func invalid(_ message: String, at range: SourceRange, help: String) -> DiagnosticsError {
        DiagnosticsError(Diagnostic(.error, "mount-value-invalid", message, at: range, help: help))
    }

    // Together

    /// What depends on the kind of mount.
    mutating func checkKind() {
        guard kindIsKnown, !problems.contains(where: { $0.severity == .error }) else { return }
        let kind = request.kind
        if !accessIsGiven { request.readOnly = kind != .cache && kind != .tmpfs }
        for option in mount.options {
            switch option.key.fit(kind) {
            case .used: break
            case .wrong: reportWrong(option, kind)
            case .idle:
                problems.append(
                    Diagnostic(
                        .warning, "mount-option-idle", "\"\(option.name.raw)\" does nothing for \(kind.withArticle) mount",
                        at: option.range, help: "remove it"))
            }
        }
        if kind == .secret { checkSecret() }
    }

    private mutating func reportWrong(_ option: RunMount.Option, _ kind: MountKind) {
        let others = MountKind.allCases.filter { option.key.fit($0) == .used }.map(\.rawValue)
        var diagnostic = Diagnostic(
            .error, "mount-option-misplaced", "\(kind.withArticle) mount has no \"\(option.name.raw)\"", at: option.range,
            "a key of \(Self.list(others)) mounts")
        if used[.type] == nil {
            diagnostic.help = "without type= this is a bind mount: write type=\(others.first ?? "cache") for another kind"
        } else if kind == .ssh, option.key == .source {
            diagnostic.help = "the agent or key is chosen on the command line: --ssh ID=SOCKET"
        } else {
            diagnostic.help = "remove it"
        }
        problems.append(diagnostic)
    }

    private static func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.joined() }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    private mutating func checkSecret() {
        if let source = used[.source], let id = used[.id], request.source != nil, request.id != nil {
            problems.append(
                Diagnostic(
                    .error, "mount-option-misplaced", "source= and id= of a secret are the same, and both are given",
                    at: source.range, also: [.init(id.range, "given here")], help: "keep id= only"))
        } else if !isIncomplete, request.source == nil, request.id == nil, request.target == nil {
            problems.append(
                Diagnostic(
                    .error, "mount-secret-unnamed", "this mount does not say which secret", at: mount.word.range,
                    help: "write id=NAME, and give the secret with --secret id=NAME,src=FILE"))
        }
    }
}

extension MountKind {
    fileprivate var withArticle: String { (self == .ssh ? "an " : "a ") + rawValue }
}
