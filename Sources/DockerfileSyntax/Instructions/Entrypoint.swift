package import Diagnostics

/// The program a container starts.
package struct Entrypoint: InstructionSyntax {
    package static let keyword = "ENTRYPOINT"
    package var range: SourceRange
    package var original: String
    package var command: CommandForm

    package init(range: SourceRange, original: String, command: CommandForm) {
        self.range = range
        self.original = original
        self.command = command
    }
}
