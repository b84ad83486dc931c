package import Diagnostics

/// Declares build arguments, with or without defaults.
package struct Arg: InstructionSyntax {
    package static let keyword = "ARG"
    package var range: SourceRange
    package var original: String
    package var arguments: [KeyValue]

    package init(range: SourceRange, original: String, arguments: [KeyValue]) {
        self.range = range
        self.original = original
        self.arguments = arguments
    }
}
