import BuildPlan
import Diagnostics
import DockerfileSyntax

/// `--build-arg`s that nothing in the file declares.
enum UnusedArguments {
    static func warnings(_ given: [(name: String, value: String?)], in dockerfile: Dockerfile) -> [Diagnostic] {
        var declared = Set(dockerfile.globalArguments.flatMap { $0.arguments.map(\.key.raw) })
        for stage in dockerfile.stages {
            for case .arg(let arg) in stage.instructions { declared.formUnion(arg.arguments.map(\.key.raw)) }
        }
        return given.compactMap { name, _ in
            guard !declared.contains(name), !PlanOptions.isPredefined(argument: name) else { return nil }
            let text = SourceFile(name: "--build-arg", text: name)
            return Diagnostic(
                .warning, "build-arg-unused", "no ARG declares \"\(name)\": the build argument changes nothing",
                at: SourceRange(file: text, bytes: 0..<text.bytes.count),
                help: Suggestion.nearest(to: name, among: Array(declared)).map { "did you mean \"\($0)\"?" })
        }
    }
}
