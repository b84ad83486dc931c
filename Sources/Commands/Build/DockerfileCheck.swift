import ArgumentParser
import Diagnostics
import ImageBuild

/// `build --check`: what there is to say about the Dockerfile, the ignore file and the context a build would read.
struct DockerfileCheck {
    let request: BuildRequest
    let mode: ProgressMode

    func run(_ builder: ImageBuilder) async throws {
        let (name, said) = try await builder.check(request)
        switch mode {
        case .rawjson: try StandardStream.error.write(said.presentable.map(JSONProgress.said).joined())
        case .quiet: DiagnosticText.say(said.filter { $0.severity == .error })
        default: DiagnosticText.say(said)
        }
        if said.contains(where: { $0.severity == .error }) { throw ExitCode.failed }
        if said.isEmpty, mode != .quiet, mode != .rawjson { try StandardStream.output.line("\(name): no problems found") }
    }
}
