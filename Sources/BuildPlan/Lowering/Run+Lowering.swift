import Diagnostics
import DockerfileSyntax
import OCI

extension Planning {
    mutating func lower(_ run: Run, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        if let mount = run.mounts.first { throw notYet("RUN --mount", at: mount.range) }
        if let security = run.security, security.raw != "sandbox" {
            throw notYet("RUN --security=\(security.raw)", at: security.range)
        }
        let (arguments, shown) = try commandLine(of: run, state: state)
        let network = try network(of: run, state: state)
        let operation = RunOperation(
            arguments: arguments, environment: state.runEnvironment,
            unkeyedEnvironment: self.arguments.proxyEnvironment, workingDirectory: state.workingDirectory,
            user: state.config.user ?? "", network: network)
        let node = graph.node(
            .run(operation), inputs: state.root.map { [.root($0)] } ?? [], origin: run.range, title: run.original)
        state.root = node
        addStep(run.original, run.range, node, stage: site.stage)
        record("RUN " + state.shownArguments + shown, run, node: node, state: &state)
    }

    /// The process to start, and how history writes it.
    private func commandLine(of run: Run, state: StageState) throws(DiagnosticsError) -> ([String], String) {
        switch run.command {
        case .exec(let arguments, let range):
            guard !arguments.isEmpty else {
                throw DiagnosticsError(
                    Diagnostic(.error, "run-empty", "RUN has an empty argument list", at: range, help: "name a program to run"))
            }
            return (arguments, arguments.joined(separator: " "))
        case .shell(let form):
            let script = script(form.text, heredocs: run.heredocs)
            return (state.shell + [script], (state.shell + [script]).joined(separator: " "))
        }
    }

    /// A heredoc alone is the script itself; beside a command it stays a heredoc for the shell.
    private func script(_ text: String, heredocs: [Heredoc]) -> String {
        guard let first = heredocs.first else { return text }
        let trimmed = text.drop { $0 == " " || $0 == "\t" }
        let isAlone = heredocs.count == 1 && trimmed.hasPrefix("<<")
            && !trimmed.dropFirst(2).contains { $0 == " " || $0 == "\t" || $0 == "|" || $0 == ">" || $0 == "&" || $0 == ";" }
        if isAlone { return first.content }
        return heredocs.reduce(text) { $0 + "\n" + $1.content + ($1.content.hasSuffix("\n") || $1.content.isEmpty ? "" : "\n") + $1.name }
    }

    private mutating func network(of run: Run, state: StageState) throws(DiagnosticsError) -> String {
        guard let word = run.network else { return options.network }
        let name = try expand(word, in: state)
        switch name {
        case "default", "": return options.network
        case "host", "none": return name
        default:
            throw DiagnosticsError(
                Diagnostic(.error, "network-unknown", "\"\(name)\" is not a network mode", at: word.range,
                    help: "use default, none or host"))
        }
    }

    func notYet(_ what: String, at range: Diagnostics.SourceRange) -> DiagnosticsError {
        DiagnosticsError(Diagnostic(.error, "not-available", "\(what) is not available yet", at: range))
    }
}
