package import Diagnostics

/// Sets labels.
package struct Label: InstructionSyntax {
    package static let keyword = "LABEL"
    package var range: SourceRange
    package var original: String
    package var labels: [KeyValue]

    package init(range: SourceRange, original: String, labels: [KeyValue]) {
        self.range = range
        self.original = original
        self.labels = labels
    }
}

extension Label {
    static func parse(_ statement: inout Statement) -> Label? {
        _ = statement.readFlags()
        guard let pairs = statement.keyValuePairs(example: "LABEL version=1.0") else { return nil }
        return Label(range: statement.range, original: statement.original, labels: pairs)
    }
}
