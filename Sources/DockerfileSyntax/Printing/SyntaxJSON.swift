package import Diagnostics

/// The document of `parse --format json`.
package enum SyntaxJSON {
    package static func document(_ parsed: Parsed<Dockerfile>) -> JSONText {
        .object([
            .init("directives", .object(parsed.value.directives.map { .init($0.name, .string($0.value)) })),
            .init("instructions", .array(parsed.value.lines.map(instruction))),
            .init("diagnostics", JSONRenderer.array(parsed.diagnostics)),
        ])
    }

    private static func instruction(_ line: InstructionLine) -> JSONText {
        .object([
            .init("keyword", .string(line.keyword)),
            .init("flags", .array(line.flags.map { .string($0.raw) })),
            .init("arguments", .array(line.arguments.map(JSONText.string))),
            .init("form", .string(line.form.rawValue)),
            .init("original", .string(line.original)),
            .init("heredocs", .array(line.heredocs.map(heredoc))),
            .init("start", position(line.range.start)),
            .init("end", position(line.range.end)),
        ])
    }

    private static func heredoc(_ heredoc: Heredoc) -> JSONText {
        .object([
            .init("name", .string(heredoc.name)), .init("content", .string(heredoc.content)),
            .init("expand", .bool(heredoc.expand)), .init("chomp", .bool(heredoc.chomp)),
        ])
    }

    private static func position(_ position: SourcePosition) -> JSONText {
        .object([.init("line", .number(position.line)), .init("column", .number(position.column))])
    }
}
