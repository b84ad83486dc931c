package import Diagnostics

/// How to ask a container whether it is well. `command` is nil for NONE.
package struct Healthcheck: InstructionSyntax {
    package static let keyword = "HEALTHCHECK"
    package var range: SourceRange
    package var original: String
    package var command: CommandForm?
    package var interval: Word?
    package var timeout: Word?
    package var startPeriod: Word?
    package var startInterval: Word?
    package var retries: Word?

    package init(
        range: SourceRange, original: String,
        command: CommandForm? = nil,
        interval: Word? = nil,
        timeout: Word? = nil,
        startPeriod: Word? = nil,
        startInterval: Word? = nil,
        retries: Word? = nil
    ) {
        self.range = range
        self.original = original
        self.command = command
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }
}
