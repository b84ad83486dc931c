import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

/// What is in force at one point of a stage, as instructions change it.
struct StageState {
    var config: ContainerConfig
    var author: String?
    var base: PinnedBase?
    var baseName: String
    /// The last node; nil: an empty filesystem.
    var root: Node.ID?
    var steps: [PlannedImage.Step] = []
    /// Build arguments in force, in order of declaration; nil: declared without a value.
    var arguments: [(name: String, value: String?)] = []
    /// CMD was set in this stage: a later ENTRYPOINT does not reset it.
    var commandIsOwn = false

    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The state at the start of a stage from scratch.
    static func scratch() -> StageState {
        var config = ContainerConfig()
        config.env = ["PATH=" + defaultPath]
        config.workingDir = "/"
        return StageState(config: config, base: nil, baseName: "scratch", root: nil)
    }

    /// The environment as a dictionary; the last of a name wins.
    var environment: [String: String] {
        var values: [String: String] = [:]
        for entry in config.env ?? [] {
            let (name, value) = Self.split(entry)
            values[name] = value
        }
        return values
    }

    /// What words see: build arguments, overruled by the environment.
    var variables: [String: String] {
        var values: [String: String] = [:]
        for case (let name, let value?) in arguments { values[name] = value }
        return values.merging(environment) { _, environment in environment }
    }

    mutating func setEnvironment(_ name: String, _ value: String) {
        var entries = config.env ?? []
        let entry = name + "=" + value
        if let index = entries.firstIndex(where: { Self.split($0).name == name }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
        config.env = entries
    }

    mutating func declare(_ name: String, _ value: String?) {
        if let index = arguments.firstIndex(where: { $0.name == name }) {
            arguments[index].value = value
        } else {
            arguments.append((name, value))
        }
    }

    /// Build arguments RUN sees: those with a value that the environment does not overrule.
    var visibleArguments: [(name: String, value: String)] {
        let environment = environment
        return arguments.compactMap { name, value in
            guard let value, environment[name] == nil, !ArgumentScope.proxies.contains(name) else { return nil }
            return (name, value)
        }
    }

    var workingDirectory: String { config.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/" }

    /// A path of an instruction: seen from the working directory, cleaned, absolute, never above `/`.
    func absolute(_ path: String) -> String {
        PathCleaning.clean("/" + (path.hasPrefix("/") ? path : workingDirectory + "/" + path))
    }

    var shell: [String] { config.shell ?? ["/bin/sh", "-c"] }

    static func split(_ entry: String) -> (name: String, value: String) {
        guard let equals = entry.firstIndex(of: "=") else { return (entry, "") }
        return (String(entry[..<equals]), String(entry[entry.index(after: equals)...]))
    }
}
