import Diagnostics

/// Diagnostics as standard error shows them.
enum DiagnosticText {
    static func render(_ diagnostic: Diagnostic, style: Style = .plain) -> String {
        if !diagnostic.code.isEmpty { return TextRenderer(usesColor: style.colour).render([diagnostic]) }
        // Failures of the world have no code to look up and no text to point into.
        let severity = style.bold(style.red(diagnostic.severity.rawValue) + ": ")
        var text = severity + OutputLines.clean(diagnostic.message) + "\n"
        for note in diagnostic.notes { text += "  = note: \(note)\n" }
        if let help = diagnostic.help { text += "  = help: \(help)\n" }
        return text
    }

    /// Writes them to standard error, in the order of their places.
    static func say(_ diagnostics: [Diagnostic]) {
        let style = StandardStream.error.style(in: .current)
        let sorted = diagnostics.enumerated().sorted { left, right in
            (left.element.place, left.offset) < (right.element.place, right.offset)
        }
        // Nobody reads it: nothing to be done.
        try? StandardStream.error.write(sorted.map { render($0.element, style: style) }.joined(separator: "\n"))
    }
}

extension Diagnostic {
    fileprivate var place: Int { primary?.range.bytes.lowerBound ?? 0 }
}
