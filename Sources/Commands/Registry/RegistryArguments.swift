import BuildSolver
import Distribution
import HostSystem
import ImageBuild
import OCI

/// What the commands that talk to registries have in common.
enum RegistryArguments {
    static func reference(_ text: String) throws(UsageError) -> Reference {
        do { return try Reference(parsing: text) } catch { throw UsageError(error.description) }
    }

    static func platform(_ text: String) throws(UsageError) -> Platform {
        do { return try Platform(parsing: text) } catch { throw UsageError("'--platform': \(error)") }
    }

    static var offline: CommandFailure {
        CommandFailure("JETTISON_OFFLINE is set: no registry is asked for anything", help: "unset it for this command")
    }

    /// The name of a registry as people type it: with a scheme or a path, or docker's address of its first days.
    static func registry(_ text: String) throws(UsageError) -> String {
        var name = text[...]
        for scheme in ["https://", "http://"] where name.hasPrefix(scheme) { name = name.dropFirst(scheme.count) }
        name = name.prefix { $0 != "/" }
        if ["index.docker.io", "registry-1.docker.io", "hub.docker.com"].contains(name) { return Reference.defaultRegistry }
        guard let reference = try? Reference(parsing: name + "/x"), reference.registry == name else {
            throw UsageError("\"\(text)\" is not the name of a registry", help: "a registry is HOST[:PORT], with a dot or a port in it, or localhost")
        }
        return reference.registry
    }

    /// Shows what happens on standard error.
    static func reporting<Value: Sendable>(
        _ reference: Reference, quiet: Bool,
        _ body: (@escaping @Sendable (BuildEvent) -> Void) async throws -> Value
    ) async throws -> Value {
        let environment = ProcessEnvironment.current
        let terminal = StandardStream.error.terminal
        let style = StandardStream.error.style(in: environment)
        let renderer: any ProgressRenderer
        let isLive = !quiet && terminal != nil && !environment.isDumbTerminal
        if quiet {
            renderer = QuietProgress()
        } else if isLive {
            renderer = TerminalProgress(columns: terminal?.columns ?? 0, rows: terminal?.rows ?? 0, style: style)
        } else {
            renderer = PlainProgress(style: style)
        }
        do { return try await ProgressDisplay.show(with: renderer, isLive: isLive, during: body) } catch let error as RegistryError {
            throw CommandFailure(error.description, help: error.suggestion(for: reference) ?? error.help)
        }
    }
}
