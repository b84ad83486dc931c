import Diagnostics

/// Recognises `# syntax=`, `# escape=` and `# check=` at the top of a file.
///
/// They stand before everything else, blank lines and other comments included, and each may be given once.
struct DirectiveScanner {
    static let names = ["check", "escape", "syntax"]

    let file: SourceFile
    private(set) var directives: [ParserDirective] = []
    private(set) var escape: UInt8 = .backslash
    private(set) var diagnostics: [Diagnostic] = []
    /// No directive can follow.
    var isDone = false
    private var hasShebang = false

    private(set) var checks: CheckConfiguration

    init(file: SourceFile) {
        self.file = file
        checks = CheckConfiguration(file: file)
    }

    /// Takes a `check=` from the comments above an instruction.
    mutating func take(check comment: Range<Int>, forInstruction bytes: Range<Int>) {
        guard let (_, value) = parts(of: comment) else { return }
        diagnostics += checks.set(
            file.text(in: value), at: SourceRange(file: file, bytes: value), forInstruction: bytes)
    }

    /// Takes a comment line (`#` to its end) as a directive; false when it is only a comment.
    mutating func take(comment: Range<Int>) -> Bool {
        guard let (name, value) = parts(of: comment) else {
            // A first line `#!/usr/bin/env …` makes the file executable. The reference builder looks for `syntax` and
            // `check` below it, but not for `escape`.
            if comment.lowerBound == file.startOfText, file.bytes.matches("#!", at: comment.lowerBound) {
                hasShebang = true
            } else {
                isDone = true
            }
            return false
        }
        let range = SourceRange(file: file, bytes: comment)
        let key = file.text(in: name).lowercased()
        guard !isDone, !(hasShebang && key == "escape") else {
            warnWhenTooLate(key, value, range)
            return false
        }
        guard Self.names.contains(key) else {
            isDone = true
            warnWhenMisspelt(key, name, range)
            return false
        }
        if let earlier = directives.first(where: { $0.name == key }) {
            diagnostics.append(
                Diagnostic(
                    .error, "repeated-directive", "The parser directive \"\(key)\" is given twice", at: range, "given again here",
                    also: [Diagnostic.Label(earlier.range, "first given here")], help: "keep one of the two lines"))
            return true
        }
        directives.append(ParserDirective(name: key, value: file.text(in: value), range: range))
        let place = SourceRange(file: file, bytes: value)
        switch key {
        case "escape": setEscape(value)
        case "check": diagnostics += checks.set(file.text(in: value), at: place)
        default:
            let name = file.bytes.plainWords(in: value).first ?? value
            let first = SourceRange(file: file, bytes: name)
            diagnostics += Frontend.warning(for: file.text(in: name), at: first).map { [$0] } ?? []
        }
        return true
    }

    private mutating func setEscape(_ value: Range<Int>) {
        if value.count == 1, let byte = file.bytes[value].first, byte == .backslash || byte == UInt8(ascii: "`") {
            escape = byte
            return
        }
        diagnostics.append(
            Diagnostic(
                .error, "invalid-escape", "The escape character can be \\ or `, not \"\(file.text(in: value))\"",
                at: SourceRange(file: file, bytes: value), help: "write \"# escape=`\", or remove the line to keep \\"))
    }

    private mutating func warnWhenTooLate(_ key: String, _ value: Range<Int>, _ range: SourceRange) {
        let isOneWord = file.bytes.plainWords(in: value).count == 1
        guard isOneWord, key == "syntax" || key == "escape" else { return }
        diagnostics.append(
            Diagnostic(
                .warning, "late-directive", "This \"\(key)\" directive is read as a comment", at: range,
                "not at the top of the file",
                notes: ["parser directives stand above every instruction, blank line and other comment"],
                help: "move the line to the top of the file, or remove it"))
    }

    private mutating func warnWhenMisspelt(_ key: String, _ name: Range<Int>, _ range: SourceRange) {
        guard let meant = Suggestion.nearest(to: key, among: Self.names) else { return }
        let place = SourceRange(file: file, bytes: name)
        diagnostics.append(
            Diagnostic(
                .warning, "unknown-directive", "There is no parser directive \"\(key)\", so this is a comment",
                at: place, "did you mean \"\(meant)\"?", help: "write \"\(meant)\"",
                fix: [Diagnostic.TextEdit(place, meant)]))
    }

    /// Name and value of `# name = value`.
    func parts(of comment: Range<Int>) -> (name: Range<Int>, value: Range<Int>)? {
        let bytes = file.bytes
        let text = bytes.trimmed(comment.lowerBound + 1..<comment.upperBound)
        guard let first = text.first, bytes[first].isLetter else { return nil }
        var end = first
        while end < text.upperBound, bytes[end].isLetter || bytes[end].isDigit { end += 1 }
        var equals = end
        while equals < text.upperBound, bytes[equals].isBlank { equals += 1 }
        guard equals < text.upperBound, bytes[equals] == .equals else { return nil }
        let value = bytes.trimmed(equals + 1..<text.upperBound)
        return value.isEmpty ? nil : (first..<end, value)
    }
}
