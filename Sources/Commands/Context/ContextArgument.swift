import HostSystem
import ImageBuild
import SystemPackage

/// A context as it is named on the command line: of `build`, `context ls` and `context why` alike.
struct ContextArgument {
    var text: String
    /// `-f`.
    var file: String?

    /// What it stands for. `spooled` is standard input, read to its end.
    func meaning(_ spooled: StandardInputFile?) throws -> BuildRequest.Context {
        if let spooled { return .standardInput(spooled.path) }
        // What is there is meant, whatever it is called.
        if (try? FileMetadata(at: FilePath(text))) != nil { return .directory(text) }
        return try RemoteContext.parse(text) == nil ? .directory(text) : .url(text)
    }

    func look(with global: GlobalOptions) async throws -> ContextLooking.Seen {
        let spooled = text == "-" ? try await StandardInput.read { try StandardInputFile(named: "context") } : nil
        defer { withExtendedLifetime(spooled) {} }
        return try await ContextLooking(environment: ProcessEnvironment.current.build(global))
            .look(at: try meaning(spooled), dockerfile: file)
    }
}
