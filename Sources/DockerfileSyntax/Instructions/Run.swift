package import Diagnostics

/// Runs a command and keeps what it changed.
package struct Run: InstructionSyntax {
    package static let keyword = "RUN"
    package var range: SourceRange
    package var original: String
    package var command: CommandForm
    package var heredocs: [Heredoc]
    package var mounts: [RunMount]
    package var network: Word?
    package var security: Word?

    package init(
        range: SourceRange, original: String,
        command: CommandForm,
        heredocs: [Heredoc] = [],
        mounts: [RunMount] = [],
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
        let mounts = flags.all("mount").map { statement.mount($0) }
        statement.checkIsolation(flags)
        return Run(
            range: statement.range, original: statement.original, command: command,
            heredocs: statement.heredocs.map(\.heredoc), mounts: mounts, network: flags.value("network"),
            security: flags.value("security"))
    }
}

extension Statement {
    /// Parses a mount and checks what of it no variable decides.
    fileprivate mutating func mount(_ word: Word) -> RunMount {
        var scanner = MountScanner(word)
        let mount = scanner.scan()
        var problems = scanner.problems
        if problems.isEmpty { _ = mount.request(problems: &problems, expand: RunMount.withoutVariables) }
        for problem in problems { report(problem) }
        return mount
    }

    /// A RUN that asks for more than a build gives it.
    fileprivate mutating func checkIsolation(_ flags: FlagValues) {
        if let device = flags.all("device").first {
            error(
                "device-refused", "RUN --device is not offered: a build has no devices of the host", at: device.range,
                notes: ["a step that needs a device gives another result on every machine, so it cannot be cached"],
                help: "use the device when the image runs, or make the file beforehand and COPY it")
        }
        guard let security = flags.value("security") else { return }
        let modes = ["sandbox", "insecure"]
        switch security.raw {
        case "sandbox": break
        case "insecure":
            error(
                "security-refused", "RUN --security=insecure is not offered: every step runs in the sandbox",
                at: security.range, "asks for all privileges",
                notes: ["a privileged step can change the machine that builds, and docker too refuses it unless it is allowed to"],
                help: "remove the flag; what needs privileges (mount, iptables, nested containers) belongs into the running container")
        default:
            let meant = Suggestion.nearest(to: security.raw, among: modes)
            report(
                Diagnostic(
                    .error, "security-unknown", "\"\(security.raw)\" is not a security mode", at: security.range,
                    help: meant.map { "did you mean \"\($0)\"?" } ?? "sandbox is the only one there is here"))
        }
    }
}
