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
