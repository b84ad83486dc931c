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
