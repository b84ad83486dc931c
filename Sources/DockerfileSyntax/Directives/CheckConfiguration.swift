package import Diagnostics

/// What `# check=` asks for: which warnings are not said, and whether those that are left are errors.
///
/// `# check=skip=A,B;error=true` at the top is for the file, `# check=skip=A` in the comments above an instruction for
/// that instruction. Errors are never skipped.
package struct CheckConfiguration: Sendable {
    /// One list of options.
    struct Options: Sendable, Hashable {
        var skip: Set<String> = []
        var skipsAll = false
        var isStrict = false

        func skips(_ code: String) -> Bool { skipsAll || skip.contains(code) }
    }

    private let file: SourceFile
    private var whole = Options()
    /// By the bytes of the instruction, ascending.
    private var local: [(bytes: Range<Int>, options: Options)] = []

    package init(file: SourceFile) { self.file = file }

    /// Replaces what the file says for all of it, as the build argument BUILDKIT_DOCKERFILE_CHECK does.
    mutating func override(with text: String) -> [Diagnostic] {
        let source = SourceFile(name: "BUILDKIT_DOCKERFILE_CHECK", text: text)
        return set(text, at: SourceRange(file: source, bytes: 0..<source.bytes.count))
    }

    mutating func set(_ text: String, at range: SourceRange) -> [Diagnostic] {
        let (options, problems) = Self.parse(text, at: range)
        whole = options
        return problems
    }

    mutating func set(_ text: String, at range: SourceRange, forInstruction bytes: Range<Int>) -> [Diagnostic] {
        let (options, problems) = Self.parse(text, at: range)
        local.append((bytes, options))
        return problems
    }

    /// The diagnostics that are left, warnings made errors where that is asked for.
    ///
    /// Only the warnings the reference builder has too become errors: a file that asks for it builds there with ours.
    package func apply(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        guard whole != Options() || !local.isEmpty else { return diagnostics }
        return diagnostics.compactMap { diagnostic in
            guard diagnostic.severity != .error else { return diagnostic }
            let own = options(for: diagnostic)
            if whole.skips(diagnostic.code) || own.contains(where: { $0.skips(diagnostic.code) }) { return nil }
            guard whole.isStrict || own.contains(where: \.isStrict), diagnostic.code.first?.isUppercase == true else {
                return diagnostic
            }
            var strict = diagnostic
            strict.severity = .error
            strict.notes.append("\"check=error=true\" makes this warning an error")
            return strict
        }
    }

    private func options(for diagnostic: Diagnostic) -> [Options] {
        guard !local.isEmpty, let range = diagnostic.primary?.range, range.file === file else { return [] }
        var (low, high) = (0, local.count)
        while low < high {
            let middle = (low + high) / 2
            if local[middle].bytes.upperBound <= range.bytes.lowerBound { low = middle + 1 } else { high = middle }
        }
        return local[low...].prefix { $0.bytes.lowerBound <= range.bytes.lowerBound }.map(\.options)
    }

    private static let names = ["error", "experimental", "skip"]

    private static func parse(_ text: String, at range: SourceRange) -> (Options, [Diagnostic]) {
        var options = Options()
        var problems: [Diagnostic] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let written = trimmed(part)
            let name = trimmed(written.prefix { $0 != "=" })
            let value = trimmed(written.drop { $0 != "=" }.dropFirst())
            switch name {
            case "skip" where written.contains("="):
                if value == "all" { options.skipsAll = true } else { options.skip.formUnion(list(value)) }
            case "error" where truth(value) != nil: options.isStrict = truth(value) ?? false
            // Opts in to rules that are not there yet.
            case "experimental" where written.contains("="): break
            default: problems.append(invalid(written, name, at: range))
            }
        }
        return (options, problems)
    }

    private static func invalid(_ written: String, _ name: String, at range: SourceRange) -> Diagnostic {
        let help =
            if name == "error" {
                "write error=true or error=false"
            } else if let near = Suggestion.nearest(to: name, among: names), near != name {
                "did you mean \"\(near)\"?"
            } else {
                "write skip=RULE,… or skip=all, error=true, with \";\" between them"
            }
        return Diagnostic(
            .error, "invalid-check-option", "\"\(written)\" is not an option of \"check\"", at: range, help: help)
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map { trimmed($0) } }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank = { (character: Character) in character.isWhitespace }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return String(rest)
    }

    /// The words Go's ParseBool takes.
    private static func truth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }
}
