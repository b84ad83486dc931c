import Diagnostics
import DockerfileSyntax
import OCI

/// Build arguments: what the command line gave, what the top of the file declared, and what every build knows.
struct ArgumentScope {
    /// From the command line, the last of a name.
    private(set) var given: [String: String] = [:]
    /// Names declared before the first FROM, with or without a value.
    private(set) var globals: Set<String> = []
    /// What FROM sees, and a stage after `ARG NAME`: the arguments every build knows, and those declared before the
    /// first FROM.
    private(set) var scope = VariableScope()

    /// Known to every RUN without ARG, never in the key or in history.
    static let proxies: Set<String> = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy",
        "ALL_PROXY", "all_proxy",
    ]
    /// Speak to the builder; a stage that declares them does not see them (BuildKit's `nonEnvArgs`).
    static let unseen: Set<String> = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"]

    /// - Parameter lastStage: the name of the file's last stage, which is built when no target is asked for.
    init(options: PlanOptions, lastStage: String?) {
        for (name, value) in options.buildArguments { given[name] = value }
        for (prefix, platform) in [("TARGET", options.platform), ("BUILD", options.buildPlatform)] {
            scope[prefix + "PLATFORM"] = platform.description
            scope[prefix + "OS"] = platform.os
            scope[prefix + "OSVERSION"] = ""
            scope[prefix + "ARCH"] = platform.architecture
            scope[prefix + "VARIANT"] = platform.variant ?? ""
        }
        scope["TARGETSTAGE"] = options.target ?? lastStage?.lowercased() ?? "default"
        for name in Array(scope.names) { if let value = given[name] { scope[name] = value } }
    }

    /// Proxy arguments from the command line, as `K=V`, sorted.
    var proxyEnvironment: [String] {
        given.filter { Self.proxies.contains($0.key) }.map { $0.key + "=" + $0.value }.sorted()
    }

    /// An ARG before the first FROM. Its arguments see those before them, in the same instruction too; a default is not
    /// looked at when the command line gives a value.
    mutating func declareGlobal(_ instruction: Arg, undefined: (UndefinedVariable) -> Void) throws(DiagnosticsError) {
        for argument in instruction.arguments {
            let name = argument.key.raw
            globals.insert(name)
            if let value = given[name] {
                scope[name] = value
            } else if let word = argument.value {
                scope[name] = try word.expanded(in: scope, undefined: undefined)
            }
        }
    }

    /// Expands a word of FROM or of a global ARG.
    func expandGlobal(
        _ word: Word, undefined: (UndefinedVariable) -> Void = { _ in }
    ) throws(DiagnosticsError) -> String {
        try word.expanded(in: scope, undefined: undefined)
    }
}
