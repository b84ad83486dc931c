/// A template in docker's subset of Go's `text/template`: `{{.Field}}`, pipelines, `if`, `range`, `with`, variables and
/// docker's functions (`json`, `join`, `split`, `upper`, `lower`, `title`, `println`, `truncate`, `pad`, …).
///
/// `\t` and `\n` outside of actions stand for a tab and a line feed, as docker's users type them in a shell.
package struct GoTemplate: Sendable {
    let nodes: [Node]

    /// Throws `TemplateError` when the text is not a template.
    package init(parsing text: String) throws(TemplateError) {
        var parser = TemplateParser(text)
        nodes = try parser.parse()
    }

    /// The text for one value.
    package func render(_ value: TemplateValue) throws(TemplateError) -> String {
        var evaluation = TemplateEvaluation(root: value, isHeader: false)
        return try evaluation.run(nodes)
    }

    /// The header row that belongs to this template: every field replaced by its column's title.
    package func renderHeader(_ titles: TemplateValue) throws(TemplateError) -> String {
        var evaluation = TemplateEvaluation(root: titles, isHeader: true)
        return try evaluation.run(nodes)
    }

    indirect enum Node: Sendable {
        case text(String)
        case action(Pipeline)
        case conditional(Pipeline, then: [Node], else: [Node])
        /// `range` with the names of its variables, without `$`.
        case range(key: String?, element: String?, Pipeline, body: [Node], else: [Node])
        case with(Pipeline, body: [Node], else: [Node])
        case stop(isBreak: Bool)
    }

    struct Pipeline: Sendable {
        /// `$name :=` or `$name =`.
        var variable: String?
        var isDeclaration = true
        var commands: [[Operand]]
    }

    indirect enum Operand: Sendable {
        /// `.A.B`; empty is the dot itself.
        case field([String])
        /// `$x.A`; the empty name is `$`, the whole value.
        case variable(String, [String])
        case literal(TemplateValue)
        case group(Pipeline, [String])
        case function(String)
    }
}

/// Why a template cannot be read or applied: one sentence.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String
    /// What to do, when we know.
    package var help: String?
    package init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
    package var description: String { help.map { message + "; " + $0 } ?? message }
}
