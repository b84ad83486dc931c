package import Diagnostics

/// The shell of shell-form instructions.
package struct Shell: InstructionSyntax {
    package static let keyword = "SHELL"
    package var range: SourceRange
    package var original: String
    package var arguments: [String]

    package init(range: SourceRange, original: String, arguments: [String]) {
        self.range = range
        self.original = original
        self.arguments = arguments
    }
}

extension Shell {
    static func parse(_ statement: inout Statement) -> Shell? {
        _ = statement.readFlags()
        let problems = statement.diagnostics.count
        if let strings = statement.execForm(in: statement.rest) {
            statement.arguments = strings.map(\.value)
            if strings.isEmpty, statement.diagnostics.count == problems {
                statement.reportMissingArguments("a program", help: "write SHELL [\"/bin/sh\", \"-c\"]")
            }
            return Shell(range: statement.range, original: statement.original, arguments: strings.map(\.value))
        }
        let words = statement.plainWords().map { statement.text.text($0) }
        guard !words.isEmpty else {
            statement.reportMissingArguments("a JSON array", help: "write SHELL [\"/bin/sh\", \"-c\"]")
            return nil
        }
        // Text after an array: it is known what to do about that.
        if statement.diagnostics[problems...].contains(where: { $0.code == "exec-form-broken" }) { return nil }
        // A broken array was described with more detail already; here it is what makes the instruction unusable.
        let details = statement.diagnostics[problems...].compactMap { $0.primary?.text }.filter { !$0.isEmpty }
        statement.diagnostics.removeSubrange(problems...)
        let array = words.map { "\"\($0.filter { !"[],\"'".contains($0) })\"" }.joined(separator: ", ")
        statement.error(
            "shell-not-json", "SHELL takes a JSON array", at: statement.place(statement.rest),
            details.first ?? "not a JSON array", help: "write SHELL [\(array)]")
        return nil
    }
}
