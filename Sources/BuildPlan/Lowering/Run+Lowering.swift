import Diagnostics
import DockerfileSyntax
import OCI

extension Planning {
    mutating func lower(_ run: Run, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        let (arguments, shown) = try commandLine(of: run, state: state)
        let network = try network(of: run, state: state)
        var operation = RunOperation(
            arguments: arguments, environment: state.runEnvironment,
            unkeyedEnvironment: self.arguments.proxyEnvironment, workingDirectory: state.workingDirectory,
            user: state.config.user ?? "", network: network)
        operation.extraHosts = options.extraHosts
        var mounts = RunMounts(run: run, site: site, inputs: state.root.map { [.root($0)] } ?? [])
        try add(&mounts, state: state)
        if let script = script(of: run) { mounts.add(script, at: run) }
        operation.mounts = mounts.operations
        if let agent = mounts.firstAgent, !operation.environment.contains(where: { $0.hasPrefix("SSH_AUTH_SOCK=") }) {
            operation.environment.append("SSH_AUTH_SOCK=" + agent)
        }
        let node = graph.node(
            .run(operation), inputs: mounts.inputs, .init(origin: run.range, title: run.original, mounts: mounts.places))
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
            let command: String
            if case .script(let directory, let name, _)? = script(of: run) {
                command = directory + "/" + name
            } else if let only = onlyHeredoc(of: run) {
                command = only.content
            } else {
                // Beside a command it stays a heredoc, for the shell.
                command = run.heredocs.reduce(form.text) { text, heredoc in
                    let gap = heredoc.content.hasSuffix("\n") || heredoc.content.isEmpty ? "" : "\n"
                    return text + "\n" + heredoc.content + gap + heredoc.name
                }
            }
            return (state.shell + [command], (state.shell + [command]).joined(separator: " "))
        }
    }

    /// A heredoc that is all of the command: the script itself.
    private func onlyHeredoc(of run: Run) -> Heredoc? {
        guard case .shell(let form) = run.command, run.heredocs.count == 1, let heredoc = run.heredocs.first else {
            return nil
        }
        let word = form.text.drop { $0.isWhitespace }.drop { $0.isASCII && $0.isNumber }
        guard word.hasPrefix("<<") else { return nil }
        let name = word.dropFirst(2).drop { $0 == "-" }
        // One word, its quotes taken away, and nothing beside it.
        let bare = name.filter { $0 != "\"" && $0 != "'" && $0 != "\\" }
        return Substring(bare).withoutTrailingSpace == heredoc.name[...] ? heredoc : nil
    }

    /// A script with an interpreter of its own is a file that the shell starts.
    private func script(of run: Run) -> PlannedMount? {
        guard let heredoc = onlyHeredoc(of: run), heredoc.content.hasPrefix("#!") else { return nil }
        return .script(directory: "/dev/pipes", name: heredoc.name, content: heredoc.content)
    }

    private mutating func network(of run: Run, state: StageState) throws(DiagnosticsError) -> String {
        guard let word = run.network else { return options.network }
        let name = try expand(word, in: state)
        switch name {
        case "default", "": return options.network
        case "host", "none": return name
        default:
            let meant = Suggestion.nearest(to: name, among: ["default", "none", "host"])
            throw DiagnosticsError(
                Diagnostic(.error, "network-unknown", "\"\(name)\" is not a network mode", at: word.range,
                    help: meant.map { "did you mean \"\($0)\"?" } ?? "use default, none or host",
                    fix: word.raw == name ? meant.map { [.init(word.range, $0)] } ?? [] : []))
        }
    }

    func notYet(_ what: String, at range: Diagnostics.SourceRange) -> DiagnosticsError {
        DiagnosticsError(Diagnostic(.error, "not-available", "\(what) is not available yet", at: range))
    }
}

extension Substring {
    fileprivate var withoutTrailingSpace: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
