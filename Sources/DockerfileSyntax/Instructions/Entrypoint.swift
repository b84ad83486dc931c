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

extension Entrypoint {
    static func parse(_ statement: inout Statement) -> Entrypoint? {
        _ = statement.readFlags()
        guard !statement.rest.isEmpty else {
            statement.reportMissingArguments(
                "a command", help: "write the program and its arguments: ENTRYPOINT [\"/server\"]")
            return nil
        }
        return Entrypoint(
            range: statement.range, original: statement.original, command: statement.command(in: statement.rest))
    }
}
