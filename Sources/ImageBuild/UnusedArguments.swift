import BuildPlan
import Diagnostics
import DockerfileSyntax

/// What there is to say about the `--build-arg`s: those that nothing in the file declares, and those that speak to a
/// builder which this one is not.
enum UnusedArguments {
    static func warnings(_ given: [(name: String, value: String?)], in dockerfile: Dockerfile) -> [Diagnostic] {
        var declared = Set(dockerfile.globalArguments.flatMap { $0.arguments.map(\.key.raw) })
        for stage in dockerfile.stages {
            for instruction in stage.instructions {
                switch instruction {
                case .arg(let arg): declared.formUnion(arg.arguments.map(\.key.raw))
                // A trigger may declare what a stage of this file builds with.
                case .onbuild(let onbuild):
                    for case .arg(let arg) in onbuild.instruction { declared.formUnion(arg.arguments.map(\.key.raw)) }
                default: break
                }
            }
        }
        return given.compactMap { name, value in
            guard !declared.contains(name) else { return nil }
            if let argument = BuilderArgument(rawValue: name) { return warning(of: argument, value) }
            guard !PlanOptions.isPredefined(argument: name) else { return nil }
            return unused(name, declared)
        }
    }

    private static func warning(of argument: BuilderArgument, _ value: String?) -> Diagnostic? {
        guard let value, !value.isEmpty else { return nil }
        let text = SourceFile(name: argument.rawValue, text: value)
        let range = SourceRange(file: text, bytes: 0..<text.bytes.count)
        if argument == .syntax { return Frontend.warning(for: value, at: range) }
        guard !argument.hasEffect else { return nil }
        return Diagnostic(
            .warning, "build-arg-no-effect", "\(argument.rawValue) speaks to BuildKit and changes nothing here", at: range,
            help: "leave it out")
    }

    private static func unused(_ name: String, _ declared: Set<String>) -> Diagnostic {
        let text = SourceFile(name: "--build-arg", text: name)
        let known = name.hasPrefix("BUILDKIT_") ? BuilderArgument.allCases.map(\.rawValue) : declared.sorted()
        return Diagnostic(
            .warning, "build-arg-unused", "no ARG declares \"\(name)\": the build argument changes nothing",
            at: SourceRange(file: text, bytes: 0..<text.bytes.count),
            help: Suggestion.question(for: name, among: known))
    }
}
