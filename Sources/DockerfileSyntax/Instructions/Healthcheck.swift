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

extension Healthcheck {
    static func parse(_ statement: inout Statement) -> Healthcheck? {
        let flags = statement.readFlags()
        let words = statement.bytes.plainWords(in: statement.rest)
        guard let first = words.first else {
            statement.reportMissingArguments(
                "NONE or CMD", help: "write HEALTHCHECK CMD and a command that fails when the container is not well")
            return nil
        }
        let kind = statement.text.text(first)
        statement.arguments = [kind.uppercased()]
        var check = Healthcheck(
            range: statement.range, original: statement.original, interval: flags.value("interval"),
            timeout: flags.value("timeout"), startPeriod: flags.value("start-period"),
            startInterval: flags.value("start-interval"), retries: flags.value("retries"))
        switch kind.uppercased() {
        case "NONE":
            statement.arguments += words.dropFirst().map { statement.text.text($0) }
            if words.count > 1, !statement.checkTrailingComment(words) {
                let extra = words[1].lowerBound..<words[words.count - 1].upperBound
                statement.error(
                    "healthcheck-none", "HEALTHCHECK NONE takes no arguments", at: statement.place(extra),
                    help: "remove them, or write HEALTHCHECK CMD")
            }
        case "CMD":
            let command = statement.bytes.trimmed(first.upperBound..<statement.rest.upperBound)
            guard !command.isEmpty else {
                statement.error(
                    "missing-arguments", "HEALTHCHECK CMD needs a command", at: statement.place(first), "nothing follows",
                    help: "write the command to run: HEALTHCHECK CMD curl -f http://localhost/")
                return nil
            }
            check.command = statement.command(in: command)
        default:
            statement.reportKind(kind, at: first)
            return nil
        }
        return check
    }
}

extension Statement {
    fileprivate mutating func reportKind(_ kind: String, at word: Range<Int>) {
        let meant = Suggestion.nearest(to: kind, among: ["NONE", "CMD"])
        error(
            "healthcheck-kind", "HEALTHCHECK is followed by NONE or CMD, not by \"\(kind)\"", at: place(word),
            meant.map { "did you mean \($0)?" } ?? "",
            help: meant.map { "write HEALTHCHECK \($0)" } ?? "write HEALTHCHECK CMD \(text.text(rest))")
    }
}
