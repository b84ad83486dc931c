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
        case .env, .label, .cmd, .entrypoint, .expose, .user, .volume, .stopSignal, .shell, .healthcheck, .onbuild,
            .maintainer:
            let text = try fold(instruction, into: &state)
            record(text, instruction.syntax, node: nil, state: &state)
        }
    }

    /// Notes a history line.
    mutating func record(
        _ createdBy: String, _ syntax: any InstructionSyntax, node: Node.ID?, state: inout StageState
    ) {
        state.steps.append(
            PlannedImage.Step(createdBy: createdBy, line: syntax.range.line, title: syntax.original, node: node))
    }

    private mutating func lower(_ arg: Arg, state: inout StageState) throws(DiagnosticsError) {
        var texts: [String] = []
        for argument in arg.arguments {
            let name = try expand(argument.key, in: state)
            let fallback: String? = if let word = argument.value { try expand(word, in: state) } else { nil }
            state.declare(name, arguments.value(of: name, fallback: fallback))
            texts.append(fallback.map { name + "=" + $0 } ?? name)
        }
        record("ARG " + texts.joined(separator: " "), arg, node: nil, state: &state)
    }
}
