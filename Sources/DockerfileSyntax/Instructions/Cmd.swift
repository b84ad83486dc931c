package import Diagnostics

/// The default command or the default arguments of the entrypoint.
package struct Cmd: InstructionSyntax {
    package static let keyword = "CMD"
    package var range: SourceRange
    package var original: String
    package var command: CommandForm

    package init(range: SourceRange, original: String, command: CommandForm) {
        self.range = range
        self.original = original
        self.command = command
    }
}
