package import Diagnostics

/// Runs a command and keeps what it changed.
package struct Run: InstructionSyntax {
    package static let keyword = "RUN"
    package var range: SourceRange
    package var original: String
    package var command: CommandForm
    package var heredocs: [Heredoc]
    package var mounts: [Word]
    package var network: Word?
    package var security: Word?

    package init(
        range: SourceRange, original: String,
        command: CommandForm,
        heredocs: [Heredoc] = [],
        mounts: [Word] = [],
        network: Word? = nil,
        security: Word? = nil
    ) {
        self.range = range
        self.original = original
        self.command = command
        self.heredocs = heredocs
        self.mounts = mounts
        self.network = network
        self.security = security
    }
}

extension Run {
    static func parse(_ statement: inout Statement) -> Run? {
        let flags = statement.readFlags()
        guard !statement.rest.isEmpty else {
            statement.reportMissingArguments("a command", help: "write the command after RUN: RUN make install")
            return nil
        }
        let command = statement.command(in: statement.rest)
        if case .exec(let words, let range) = command, words.isEmpty, !statement.hasErrors {
            statement.error("missing-arguments", "RUN needs a command", at: range, "this array is empty")
        }
        return Run(
            range: statement.range, original: statement.original, command: command,
            heredocs: statement.heredocs.map(\.heredoc), mounts: flags.all("mount"), network: flags.value("network"),
            security: flags.value("security"))
    }
}
