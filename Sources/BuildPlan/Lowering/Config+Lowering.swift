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
            state.config.cmd = arguments(of: cmd.command, state: state)
            state.commandIsOwn = true
            return "CMD " + Self.shown(state.config.cmd)
        case .entrypoint(let entrypoint):
            state.config.entrypoint = arguments(of: entrypoint.command, state: state)
            if !state.commandIsOwn { state.config.cmd = nil }
            return "ENTRYPOINT " + Self.shown(state.config.entrypoint)
        case .expose(let expose): return try fold(expose, into: &state)
        case .user(let user):
            let name = try expand(user.user, in: state)
            guard !name.isEmpty else {
                throw DiagnosticsError(
                    Diagnostic(.error, "user-empty", "the user is empty after expansion", at: user.user.range))
            }
            state.config.user = name
            return "USER " + name
        case .volume(let volume): return try fold(volume, into: &state)
        case .stopSignal(let stop):
            let signal = try expand(stop.signal, in: state)
            guard Signal.isValid(signal) else {
                throw DiagnosticsError(
                    Diagnostic(.error, "signal-unknown", "\"\(signal)\" is not a signal", at: stop.signal.range,
                        help: "use a name such as SIGTERM or a number from 1 to 64"))
            }
            state.config.stopSignal = signal
            return "STOPSIGNAL " + signal
        case .shell(let shell):
            state.config.shell = shell.arguments
            return "SHELL " + Self.shown(shell.arguments)
        case .healthcheck(let healthcheck): return try fold(healthcheck, into: &state)
        case .onbuild(let onbuild):
            state.config.onBuild = (state.config.onBuild ?? []) + [onbuild.trigger]
            return "ONBUILD " + onbuild.trigger
        case .maintainer(let maintainer):
            state.author = try expand(maintainer.author, in: state)
            return "MAINTAINER " + (state.author ?? "")
        case .run, .copy, .add, .workdir, .arg: return instruction.syntax.original
        }
    }

    private func arguments(of command: CommandForm, state: StageState) -> [String] {
        switch command {
        case .exec(let arguments, _): arguments
        case .shell(let form): state.shell + [form.text]
        }
    }

    /// `["a" "b"]`, as docker writes argument lists in history.
    static func shown(_ arguments: [String]?) -> String {
        "[" + (arguments ?? []).map { "\"" + $0 + "\"" }.joined(separator: " ") + "]"
    }

    /// One value for the whole instruction: `ENV a=1 b=$a` sees the old a.
    private mutating func fold(_ env: Env, into state: inout StageState) throws(DiagnosticsError) -> String {
        var pairs: [(String, String)] = []
        for variable in env.variables {
            let value = try variable.value.map { word throws(DiagnosticsError) in try expand(word, in: state) } ?? ""
            pairs.append((try expand(variable.key, in: state), value))
        }
        for (name, value) in pairs { state.setEnvironment(name, value) }
        return "ENV " + pairs.map { $0 + "=" + $1 }.joined(separator: " ")
    }

    private mutating func fold(_ label: Label, into state: inout StageState) throws(DiagnosticsError) -> String {
        var labels = state.config.labels ?? [:]
        var texts: [String] = []
        for entry in label.labels {
            let name = try expand(entry.key, in: state)
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
        for word in expose.ports {
            for text in try expand(word, in: state).split(separator: " ") {
                guard let range = PortRange(String(text)) else {
                    throw DiagnosticsError(
                        Diagnostic(.error, "port-invalid", "\"\(text)\" is not a port", at: word.range,
                            help: "write PORT, PORT/tcp, PORT/udp or FIRST-LAST/tcp, from 0 to 65535"))
                }
                for port in range.ports { ports["\(port)/\(range.transport)"] = ContainerConfig.Empty() }
                texts.append(String(text))
            }
        }
        state.config.exposedPorts = ports
        return "EXPOSE " + texts.joined(separator: " ")
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
        return "VOLUME " + Self.shown(texts)
    }

    private mutating func fold(
        _ healthcheck: Healthcheck, into state: inout StageState
    ) throws(DiagnosticsError) -> String {
        guard let command = healthcheck.command else {
            state.config.healthcheck = ContainerConfig.Healthcheck(test: ["NONE"])
            return "HEALTHCHECK NONE"
        }
        var check = ContainerConfig.Healthcheck()
        switch command {
        case .exec(let arguments, _): check.test = ["CMD"] + arguments
        case .shell(let form): check.test = ["CMD-SHELL", form.text]
        }
        check.interval = try duration(healthcheck.interval, state: state)
        check.timeout = try duration(healthcheck.timeout, state: state)
        check.startPeriod = try duration(healthcheck.startPeriod, state: state)
        check.startInterval = try duration(healthcheck.startInterval, state: state)
        if let word = healthcheck.retries {
            let text = try expand(word, in: state)
            guard let retries = Int(text), retries >= 0, retries < 1_000_000 else {
                throw DiagnosticsError(
                    Diagnostic(.error, "retries-invalid", "\"\(text)\" is not a number of retries", at: word.range))
            }
            check.retries = retries
        }
        state.config.healthcheck = check
        return healthcheck.original
    }

    private mutating func duration(_ word: Word?, state: StageState) throws(DiagnosticsError) -> Int64? {
        guard let word else { return nil }
        let text = try expand(word, in: state)
        guard let nanoseconds = GoDuration.nanoseconds(text), nanoseconds == 0 || nanoseconds >= 1_000_000 else {
            throw DiagnosticsError(
                Diagnostic(.error, "duration-invalid", "\"\(text)\" is not a duration of 1ms or more", at: word.range,
                    help: "write a number with a unit, for example 30s, 5m or 1m30s"))
        }
        return nanoseconds
    }
}

/// `80`, `80/udp`, `8000-8010`.
struct PortRange {
    var ports: ClosedRange<UInt16>
    var transport: String

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
        guard ["tcp", "udp", "sctp"].contains(transport) else { return nil }
        let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = UInt16(ends[0]), let last = ends.count == 2 ? UInt16(ends[1]) : first, first <= last else {
            return nil
        }
        ports = first...last
    }
}

/// Go's duration text (`1m30s`), which docker's options take.
enum GoDuration {
    static let units: [(String, Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12),
    ]

    static func nanoseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var rest = Substring(text)
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
            total += number * factor
        }
        return total < 9e18 ? Int64(total) : nil
    }
}

/// Linux signals by name or number.
enum Signal {
    static let names: Set<String> = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS",
    ]

    static func isValid(_ text: String) -> Bool {
        if let number = Int(text) { return (1...64).contains(number) }
        let name = text.uppercased().hasPrefix("SIG") ? String(text.uppercased().dropFirst(3)) : text.uppercased()
        if names.contains(name) { return true }
        let realtime = name.hasPrefix("RTMIN") ? name.dropFirst(5) : name.hasPrefix("RTMAX") ? name.dropFirst(5) : "x"
        return realtime.isEmpty || ((realtime.first == "+" || realtime.first == "-") && Int(realtime.dropFirst()) != nil)
    }
}
