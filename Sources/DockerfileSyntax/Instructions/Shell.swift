package import Diagnostics

/// The shell of shell-form instructions.
package struct Shell: InstructionSyntax {
    package static let keyword = "SHELL"
    package var range: SourceRange
    package var original: String
    package var arguments: [String]

    package init(range: SourceRange, original: String, arguments: [String]) {
        self.range = range
        self.original = original
        self.arguments = arguments
    }
}
