import Diagnostics
import DockerfileSyntax
import OCI

/// Instructions that only change the config: a fold, each returning its history line.
extension Planning {
    mutating func fold(_ instruction: Instruction, into state: inout StageState) throws(DiagnosticsError) -> String {
        switch instruction {
        case .env(let env): return try fold(env, into: &state)
        case .label(let label): return try fold(label, into: &state)
        case .cmd(let cmd):
            let command = arguments(of: cmd.command, state: state)
            state.config.cmd = command.isEmpty ? nil : command
            state.commandIsOwn = true
            return "CMD " + Self.shown(command)
        case .entrypoint(let entrypoint):
            let command = arguments(of: entrypoint.command, state: state)
            state.config.entrypoint = command.isEmpty ? nil : command
            if !state.commandIsOwn { state.config.cmd = nil }
            return "ENTRYPOINT " + Self.shown(command)
        case .expose(let expose): return try fold(expose, into: &state)
        case .user(let user):
            let name = try expand(user.user, in: state)
            if name.isEmpty {
                problems.append(
                    Diagnostic(.warning, "user-empty", "the user is empty after expansion", at: user.user.range, "this is root",
                        help: "give the variable a value, or write USER root"))
            }
            state.config.user = name.isEmpty ? nil : name
            return "USER " + name
        case .volume(let volume): return try fold(volume, into: &state)
        case .stopSignal(let stop):
            let signal = try expand(stop.signal, in: state)
            guard Signal.isValid(signal) else {
                throw DiagnosticsError(
                    Diagnostic(.error, "signal-unknown", "\"\(signal)\" is not a signal", at: stop.signal.range,
                        help: Suggestion.question(for: Signal.short(signal), among: Signal.names.sorted())
                            ?? "use a name such as SIGTERM or a number from 1 to 64"))
            }
            state.config.stopSignal = signal
            return "STOPSIGNAL " + signal
        case .shell(let shell):
            state.config.shell = shell.arguments
            return "SHELL " + Self.listed(shell.arguments)
        case .healthcheck(let healthcheck): return try fold(healthcheck, into: &state)
        case .maintainer(let maintainer):
            // As written: MAINTAINER replaces no variables and takes no quotes away.
            state.author = maintainer.author.raw
            return "MAINTAINER " + maintainer.author.raw
        case .run, .copy, .add, .workdir, .arg, .onbuild: return instruction.syntax.original
        }
    }

    private func arguments(of command: CommandForm, state: StageState) -> [String] {
        switch command {
        case .exec(let arguments, _): arguments
        case .shell(let form): state.shell + [form.text]
        }
    }

    /// `["a" "b"]`, as docker writes argument lists in history.
    static func shown(_ arguments: [String]) -> String {
        "[" + arguments.map { "\"" + $0.flatMap(Self.escaped) + "\"" }.joined(separator: " ") + "]"
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\t": "\\t"
        case "\r": "\\r"
        default: String(character)
        }
    }

    /// `[a b]`, as docker writes other lists.
    static func listed(_ texts: [String]) -> String { "[" + texts.joined(separator: " ") + "]" }

    /// One value for the whole instruction: `ENV a=1 b=$a` sees the old a.
    private mutating func fold(_ env: Env, into state: inout StageState) throws(DiagnosticsError) -> String {
        var pairs: [(String, String)] = []
        for variable in env.variables {
            let value = try variable.value.map { word throws(DiagnosticsError) in try expand(word, in: state) } ?? ""
            pairs.append((try name(variable.key, "variable", in: state), value))
        }
        for (name, value) in pairs { state.setEnvironment(name, value) }
        return "ENV " + pairs.map { $0 + "=" + $1 }.joined(separator: " ")
    }

    private mutating func name(
        _ key: Word, _ what: String, in state: StageState
    ) throws(DiagnosticsError) -> String {
        let name = try expand(key, in: state)
        guard name.isEmpty else { return name }
        throw DiagnosticsError(
            Diagnostic(.error, "empty-name", "the name of this \(what) is empty after expansion", at: key.range))
    }

    private mutating func fold(_ label: Label, into state: inout StageState) throws(DiagnosticsError) -> String {
        var labels = state.config.labels ?? [:]
        var texts: [String] = []
        for entry in label.labels {
            let name = try name(entry.key, "label", in: state)
            let value = try entry.value.map { word throws(DiagnosticsError) in try expand(word, in: state) } ?? ""
            labels[name] = value
            texts.append(name + "=" + value)
        }
        state.config.labels = labels
        return "LABEL " + texts.joined(separator: " ")
    }

    private mutating func fold(_ expose: Expose, into state: inout StageState) throws(DiagnosticsError) -> String {
        var ports = state.config.exposedPorts ?? [:]
        var texts: [String] = []
        // In the order of what is written, as BuildKit sorts it; only history shows it.
        for word in expose.ports.sorted(by: { $0.raw < $1.raw }) {
            for text in try expandWords(word, in: state) {
                guard let found = PortSpecification(text) else {
                    throw DiagnosticsError(
                        Diagnostic(.error, "port-invalid", "\"\(text)\" is not a port", at: word.range,
                            help: "write PORT, PORT/tcp, PORT/udp or FIRST-LAST/tcp, from 0 to 65535"))
                }
                if found.isMapping { problems.append(Self.mapping(text, found, at: word.range)) }
                for port in found.names {
                    ports[port] = ContainerConfig.Empty()
                    texts.append(port)
                }
            }
        }
        state.config.exposedPorts = ports
        return "EXPOSE " + Self.listed(texts)
    }

    private static func mapping(_ text: String, _ found: PortSpecification, at range: SourceRange) -> Diagnostic {
        Diagnostic(
            .warning, "ExposeInvalidFormat", "EXPOSE \"\(text)\" names an address or a port of the host", at: range,
            "only the port of the container counts", notes: ["this is on its way to becoming an error"],
            help: "write EXPOSE \(found.written), and publish it when the container is run")
    }

    private mutating func fold(_ volume: Volume, into state: inout StageState) throws(DiagnosticsError) -> String {
        var volumes = state.config.volumes ?? [:]
        var texts: [String] = []
        for word in volume.paths {
            let path = try expand(word, in: state)
            guard !path.isEmpty else {
                throw DiagnosticsError(Diagnostic(.error, "volume-empty", "VOLUME needs a path", at: word.range))
            }
            volumes[path] = ContainerConfig.Empty()
            texts.append(path)
        }
        state.config.volumes = volumes
        return "VOLUME " + Self.listed(texts)
    }
}
