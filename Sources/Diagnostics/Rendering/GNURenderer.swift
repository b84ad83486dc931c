/// One line per diagnostic, as compilers have said it for ever and editors read it:
/// `file:line:column: severity: message [code]`.
package struct GNURenderer: Renderer {
    package init() {}

    package func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map { diagnostic in
            var place = ""
            if let range = diagnostic.primary?.range {
                place = "\(range.file.name):\(range.start.line):\(range.start.column): "
            }
            return DisplayText.sanitized("\(place)\(diagnostic.severity.rawValue): \(diagnostic.message) [\(diagnostic.code)]")
                + "\n"
        }.joined()
    }
}
