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

extension Cmd {
    static func parse(_ statement: inout Statement) -> Cmd? {
        _ = statement.readFlags()
        guard !statement.rest.isEmpty else {
            statement.reportMissingArguments(
                "a command", help: "write the program and its arguments: CMD [\"/server\"]")
            return nil
        }
        return Cmd(
            range: statement.range, original: statement.original, command: statement.command(in: statement.rest))
    }
}
