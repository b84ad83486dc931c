/// `{"diagnostics":[…]}`, the document of `lint --format json`.
package struct JSONRenderer: Renderer {
    package init() {}

    package func render(_ diagnostics: [Diagnostic]) -> String {
        JSONText.object([JSONText.Member("diagnostics", Self.array(diagnostics))]).compact + "\n"
    }

    /// The array alone, for documents that hold more than diagnostics.
    package static func array(_ diagnostics: [Diagnostic]) -> JSONText { .array(diagnostics.map(object)) }

    private static func object(_ diagnostic: Diagnostic) -> JSONText {
        var members: [JSONText.Member] = [
            .init("rule", .string(diagnostic.code)), .init("severity", .string(diagnostic.severity.rawValue)),
            .init("message", .string(diagnostic.message)),
        ]
        if let primary = diagnostic.primary {
            members += place(primary.range)
            if !primary.text.isEmpty { members.append(.init("label", .string(primary.text))) }
        }
        if !diagnostic.secondary.isEmpty {
            members.append(
                .init(
                    "related",
                    .array(diagnostic.secondary.map { .object([.init("message", .string($0.text))] + place($0.range)) })))
        }
        if !diagnostic.notes.isEmpty { members.append(.init("notes", .array(diagnostic.notes.map(JSONText.string)))) }
        if let help = diagnostic.help { members.append(.init("help", .string(help))) }
        if !diagnostic.fix.isEmpty {
            members.append(
                .init(
                    "fix",
                    .array(
                        diagnostic.fix.map { .object(place($0.range) + [.init("replacement", .string($0.replacement))]) })))
        }
        return .object(members)
    }

    private static func place(_ range: SourceRange) -> [JSONText.Member] {
        [.init("file", .string(range.file.name))] + position(range.start, "line", "column")
            + position(range.end, "endLine", "endColumn")
    }

    private static func position(_ position: SourcePosition, _ line: String, _ column: String) -> [JSONText.Member] {
        [.init(line, .number(position.line)), .init(column, .number(position.column))]
    }
}
