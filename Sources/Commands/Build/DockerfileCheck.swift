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

    func run() throws {
        let temporary = try TemporaryDirectory()
        let choice: ContextSource.DockerfileChoice =
            if let text = request.dockerfileText { .text(text) }
            else if let path = request.dockerfile { .path(FilePath(path)) }
            else { .standard }
        let source: ContextSource
        switch request.context {
        case .directory(let path): source = try ContextSource(directory: FilePath(path), dockerfile: choice)
        case .standardInput(let path):
            source = try ContextSource(archive: FilePath(path), dockerfile: choice, temporary: temporary.path)
        case .url(let url): throw notAvailableYet("checking \(url)")
        }
        let checks = request.buildArguments.last { $0.name == "BUILDKIT_DOCKERFILE_CHECK" }?.value
        let parsed = DockerfileParser.parse(source.dockerfile, checks: checks)
        let diagnostics = parsed.diagnostics + parsed.value.checks.apply(source.diagnostics)
        DiagnosticText.say(diagnostics)
        if diagnostics.contains(where: { $0.severity == .error }) { throw ExitCode.failed }
        if diagnostics.isEmpty { try StandardStream.output.line("\(source.dockerfile.name): no problems found") }
    }
}
