import Diagnostics
import DockerfileSyntax
import OCI

/// Build arguments: what the command line gave, what the top of the file declared, and what every build knows.
struct ArgumentScope {
    /// From the command line, the last of a name.
    private(set) var given: [String: String] = [:]
    /// Declared before the first FROM; nil: without a value.
    private(set) var globals: [String: String?] = [:]
    /// The platform arguments, which FROM sees undeclared and a stage after `ARG NAME`.
    private(set) var automatic: [String: String] = [:]

    /// Known to every RUN without ARG, never in the key or in history.
    static let proxies: Set<String> = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy",
        "ALL_PROXY", "all_proxy",
    ]

    init(options: PlanOptions) {
        for (name, value) in options.buildArguments { given[name] = value }
        for (prefix, platform) in [("TARGET", options.platform), ("BUILD", options.buildPlatform)] {
            automatic[prefix + "PLATFORM"] = platform.description
            automatic[prefix + "OS"] = platform.os
            automatic[prefix + "ARCH"] = platform.architecture
            automatic[prefix + "VARIANT"] = platform.variant ?? ""
        }
    }

    /// Proxy arguments from the command line, as `K=V`, sorted.
    var proxyEnvironment: [String] {
        given.filter { Self.proxies.contains($0.key) }.map { $0.key + "=" + $0.value }.sorted()
    }

    mutating func declareGlobal(_ instruction: Arg, problems: inout [Diagnostic]) {
        for argument in instruction.arguments {
            do {
                let name = try expandGlobal(argument.key)
                let fallback: String? = if let word = argument.value { try expandGlobal(word) } else { nil }
                globals.updateValue(given[name] ?? fallback ?? automatic[name], forKey: name)
            } catch { problems += error.diagnostics }
        }
    }

    /// Expands a word of FROM or of a global ARG.
    func expandGlobal(_ word: Word) throws(DiagnosticsError) -> String {
        var values = automatic
        for case (let name, let value?) in globals { values[name] = value }
        return try word.expanded(in: VariableScope(values))
    }

    /// The value `ARG NAME[=fallback]` has inside a stage.
    func value(of name: String, fallback: String?) -> String? {
        if let value = given[name] { return value }
        if let fallback { return fallback }
        if let global = globals[name], let value = global { return value }
        return automatic[name]
    }
}
