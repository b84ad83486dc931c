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
    /// Build arguments in force, in order of declaration, those of the stages below first; nil: declared without a value.
    private(set) var arguments: [(name: String, value: String?)] = []
    /// What words and RUN see: the environment and the build arguments, of one name whichever was set last. (The reference
    /// builder writes both into one list, so an ARG below an ENV hides it until the next ENV.)
    private(set) var scope = VariableScope()
    /// CMD was set in this stage: a later ENTRYPOINT does not reset it.
    var commandIsOwn = false
    private var argumentIndex: [String: Int] = [:]
    private var environmentIndex: [String: Int] = [:]

    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    init(config: ContainerConfig, base: PinnedBase?, baseName: String, root: Node.ID?) {
        self.config = config
        self.base = base
        self.baseName = baseName
        self.root = root
        for (index, entry) in (config.env ?? []).enumerated() {
            let (name, value) = Self.split(entry)
            scope[name] = value
            environmentIndex[name] = index
        }
    }

    /// The state at the start of a stage from scratch.
    static func scratch() -> StageState {
        var config = ContainerConfig()
        config.env = ["PATH=" + defaultPath]
        config.workingDir = "/"
        return StageState(config: config, base: nil, baseName: "scratch", root: nil)
    }

    mutating func setEnvironment(_ name: String, _ value: String) {
        scope[name] = value
        let entry = name + "=" + value
        if let index = environmentIndex[name] {
            config.env?[index] = entry
        } else {
            environmentIndex[name] = config.env?.count ?? 0
            config.env = (config.env ?? [])
            config.env?.append(entry)
        }
    }

    /// ARG: in force in this stage from here on, and in the stages that stand on it.
    mutating func declare(_ name: String, _ value: String?) {
        if let value, !ArgumentScope.unseen.contains(name) { scope[name] = value }
        if let index = argumentIndex[name] {
            arguments[index].value = value
        } else {
            argumentIndex[name] = arguments.count
            arguments.append((name, value))
        }
    }

    func isDeclared(_ name: String) -> Bool { argumentIndex[name] != nil }

    /// What a process of RUN starts with, as `K=V`: the environment, then the build arguments that have a value.
    var runEnvironment: [String] {
        var entries = (config.env ?? []).map { entry in
            let (name, value) = Self.split(entry)
            return scope[name] == value ? entry : name + "=" + (scope[name] ?? value)
        }
        for (name, _) in arguments where environmentIndex[name] == nil {
            if let value = scope[name] { entries.append(name + "=" + value) }
        }
        return entries
    }

    /// `|2 A=1 B= `, as history writes the build arguments before a command; empty when none is declared.
    var shownArguments: String {
        guard !arguments.isEmpty else { return "" }
        let texts = arguments.map { $0.name + "=" + (scope[$0.name] ?? $0.value ?? "") }
        return "|\(texts.count) " + texts.joined(separator: " ") + " "
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
