import Diagnostics
import DockerfileSyntax
import OCI

extension Planning {
    mutating func lower(_ workdir: Workdir, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        var text = try expand(workdir.path, in: state)
        if text.isEmpty {
            problems.append(
                Diagnostic(.warning, "workdir-empty", "the directory is empty after expansion", at: workdir.path.range,
                    "stays in \(state.workingDirectory)", help: "give the variable a value, or remove the line"))
            text = "."
        }
        let path = state.absolute(text)
        state.config.workingDir = path
        var node: Node.ID?
        if path != "/" {
            node = graph.node(
                .workdir(WorkdirOperation(path: path, owner: state.config.user ?? "")),
                inputs: state.root.map { [.root($0)] } ?? [], origin: workdir.range, title: workdir.original)
            state.root = node
        }
        addStep(workdir.original, workdir.range, node, stage: site.stage)
        record("WORKDIR " + path, workdir, node: node, state: &state)
    }
}
