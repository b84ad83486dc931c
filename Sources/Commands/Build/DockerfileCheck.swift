import ArgumentParser
import BuildContext
import Diagnostics
import DockerfileSyntax
import HostSystem
import ImageBuild
import SystemPackage

/// `build --check`: what there is to say about the Dockerfile and the ignore file a build would read.
struct DockerfileCheck {
    let request: BuildRequest
    let builder: ImageBuilder

    func run() async throws {
        let temporary = try TemporaryDirectory()
        let choice: ContextSource.DockerfileChoice =
            if let text = request.dockerfileText { .text(text) }
            else if let path = request.dockerfile { .path(FilePath(path)) }
            else { .standard }
        let source: ContextSource
        switch request.context {
        case _ where request.fetches: source = try await builder.context(of: request)
        case .directory(let path): source = try ContextSource(directory: FilePath(path), dockerfile: choice)
        case .standardInput(let path):
            source = try ContextSource(archive: FilePath(path), dockerfile: choice, temporary: temporary.path)
        case .url: source = try await builder.context(of: request)
        }
        let parsed = DockerfileParser.parse(source.dockerfile)
        let diagnostics = parsed.diagnostics + source.diagnostics
        DiagnosticText.say(diagnostics)
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode.failed }
        if diagnostics.isEmpty { try StandardStream.output.line("\(source.dockerfile.name): no problems found") }
    }
}
