import Diagnostics

/// A diagnostic as a JSON object, with the keys that lint's reports have too.
enum DiagnosticJSON {
    static func members(of diagnostic: Diagnostic) -> [(String, JSONText)] {
        var members: [(String, JSONText)] = [
            ("rule", .string(diagnostic.code)), ("severity", .string(diagnostic.severity.rawValue)),
            ("message", .string(diagnostic.message)),
        ]
        if let range = diagnostic.primary?.range {
            let (start, end) = (range.start, range.end)
            members += [
                ("file", .string(range.file.name)), ("line", .integer(Int64(start.line))),
                ("column", .integer(Int64(start.column))), ("endLine", .integer(Int64(end.line))),
                ("endColumn", .integer(Int64(end.column))),
            ]
        }
        if !diagnostic.notes.isEmpty { members.append(("notes", .array(diagnostic.notes.map { .string($0) }))) }
        if let help = diagnostic.help { members.append(("help", .string(help))) }
        return members
    }
}
