import Diagnostics
import DockerfileSyntax
import OCI

extension Planning {
    /// Applies one instruction to the stage: a node, a change of the config, or both.
    mutating func lower(
        _ instruction: Instruction, at site: LoweringSite, state: inout StageState
    ) throws(DiagnosticsError) {
        switch instruction {
        case .run(let run): try lower(run, at: site, state: &state)
        case .copy(let copy): try lower(copy, at: site, state: &state)
        case .add(let add): try lower(add, at: site, state: &state)
        case .workdir(let workdir): try lower(workdir, at: site, state: &state)
        case .arg(let arg): try lower(arg, state: &state)
        case .onbuild(let onbuild):
            // Leaves no line in history: it changes nothing of this image.
            state.config.onBuild = (state.config.onBuild ?? []) + [onbuild.trigger]
        case .env, .label, .cmd, .entrypoint, .expose, .user, .volume, .stopSignal, .shell, .healthcheck, .maintainer:
            let text = try fold(instruction, into: &state)
            record(text, instruction.syntax, node: nil, state: &state)
        }
    }

    /// Notes a history line.
    mutating func record(
        _ createdBy: String, _ syntax: any InstructionSyntax, node: Node.ID?, state: inout StageState
    ) {
        state.steps.append(
            PlannedImage.Step(createdBy: createdBy, line: syntax.range.line, title: syntax.title, node: node))
    }

    /// Arguments of one instruction see those before them. The name is never expanded, and the default only when nothing
    /// else gives a value: `ARG A=${B:?}` does not fail with `--build-arg A=1`.
    private mutating func lower(_ arg: Arg, state: inout StageState) throws(DiagnosticsError) {
        var texts: [String] = []
        for argument in arg.arguments {
            let name = argument.key.raw
            var value = arguments.given[name]
            if value == nil {
                if let word = argument.value { value = try expand(word, in: state) } else { value = arguments.scope[name] }
            }
            state.declare(name, value)
            texts.append(value.map { name + "=" + $0 } ?? name)
        }
        record("ARG " + texts.joined(separator: " "), arg, node: nil, state: &state)
    }
}
