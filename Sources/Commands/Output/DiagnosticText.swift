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

    /// More errors are only counted.
    static let most = 20

    /// Several: in the order of their places, each once, a blank line between two; a long list is cut.
    static func render(_ diagnostics: [Diagnostic], style: Style = .plain) -> String {
        let sorted = diagnostics.presentable
        var text = sorted.prefix(most).map { render($0, style: style) }.joined(separator: "\n")
        let rest = sorted.dropFirst(most)
        if !rest.isEmpty {
            let errors = rest.count { $0.severity == .error }
            let kinds = [errors > 0 ? Figures.count(errors, "more error") : "", rest.count > errors ? Figures.count(rest.count - errors, "more warning") : ""]
            text += "\nerror: \(kinds.filter { !$0.isEmpty }.joined(separator: " and ")) not shown\n"
        }
        return text
    }

    /// Writes them to standard error, in the order of their places.
    static func say(_ diagnostics: [Diagnostic]) {
        let style = StandardStream.error.style(in: .current)
        // Nobody reads it: nothing to be done.
        try? StandardStream.error.write(render(diagnostics, style: style))
    }
}

extension [Diagnostic] {
    /// In the order of their places, each once. What cannot be shown for its number are the last of the file.
    var presentable: [Diagnostic] {
        var seen = Set<Diagnostic>()
        // Files in the order in which they are first spoken of; what points nowhere stays in front.
        var files: [ObjectIdentifier: Int] = [:]
        for diagnostic in self {
            guard let file = diagnostic.primary?.range.file else { continue }
            files[ObjectIdentifier(file)] = files[ObjectIdentifier(file)] ?? files.count
        }
        func key(_ element: (offset: Int, element: Diagnostic)) -> (Int, Int, Int) {
            guard let range = element.element.primary?.range else { return (-1, 0, element.offset) }
            return (files[ObjectIdentifier(range.file)] ?? 0, range.bytes.lowerBound, element.offset)
        }
        let sorted = enumerated().sorted { key($0) < key($1) }
        return sorted.map(\.element).filter { seen.insert($0).inserted }
    }
}
