import Diagnostics
import OCI
import PathPatterns

extension PlannedBuild {
    /// The whole plan as text: one line a node, then the image. For goldens and for people who ask.
    package var dump: String {
        var lines = graph.nodes.map { node in
            let inputs = node.inputs.map { input in
                switch input {
                case .root(let id): "root=\(id)"
                case .files(let id, let selection): "files=\(id){\(selection.description)}"
                }
            }
            let head = "\(node.id) \(Self.text(node.operation))"
            return ([head] + inputs).joined(separator: " ") + (node.origin.map { " @\($0.line)" } ?? "")
        }
        lines.append("steps")
        for step in steps {
            let node = step.node.map { "node \($0)" } ?? (step.isNeeded ? "nothing to do" : "skipped")
            lines.append("  \(step.id) [\(step.stage) \(step.position)/\(step.count)] \(step.title) → \(node)")
        }
        lines.append("left behind: " + leftBehind.map(\.name).joined(separator: ", "))
        lines.append("image on \(image.baseName), \(image.platform), node \(image.node.map(String.init) ?? "none")")
        lines += Self.lines(image.config)
        lines.append("history")
        lines += image.steps.map { "  \($0.node.map { "\($0): " } ?? "")\($0.createdBy)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ operation: BuildOperation) -> String {
        switch operation {
        case .base(let base): return "base \(base.reference.familiar)"
        case .context: return "context"
        case .namedContext(let key): return "context \(key)"
        case .fetch(let source): return "fetch \(Self.text(source))"
        case .copy(let copy):
            var text = "copy to \(copy.destination)\(copy.destinationIsDirectory ? " (directory)" : "")"
            if let owner = copy.owner { text += " owner=\(owner)" }
            if let mode = copy.mode { text += " mode=\(String(mode, radix: 8))" }
            if copy.unpacksArchives { text += " unpacking" }
            if copy.unpacksFetchedArchives { text += " unpacking what is fetched" }
            return text + copy.inlineFiles.map { " inline \($0.name)(\($0.content.utf8.count))" }.joined()
        case .run(let run):
            return "run \(run.arguments) in \(run.workingDirectory) as \"\(run.user)\" with \(run.environment) on \(run.network)"
                + run.mounts.map { " mount[\($0.description)]" }.joined()
        case .workdir(let workdir): return "workdir \(workdir.path) owner=\"\(workdir.owner)\""
        }
    }

    private static func text(_ source: RemoteSource) -> String {
        var text = source.description
        switch source {
        case .http(let http):
            text += " as \(http.fileName)" + (http.checksum.map { " checksum=\($0)" } ?? "")
        case .git(let git):
            if let checksum = git.checksum { text += " checksum=\(checksum)" }
            if git.keepsGitDirectory { text += " keeping .git" }
            if !git.takesSubmodules { text += " without submodules" }
            if git.isDatedByCommit { text += " dated by commit" }
        }
        return text
    }

    private static func lines(_ config: ContainerConfig) -> [String] {
        var lines: [String] = []
        func add(_ name: String, _ value: String?) { if let value, !value.isEmpty { lines.append("  \(name): \(value)") } }
        add("user", config.user)
        add("env", config.env?.joined(separator: " "))
        add("entrypoint", config.entrypoint.map { "\($0)" })
        add("cmd", config.cmd.map { "\($0)" })
        add("workdir", config.workingDir)
        add("ports", config.exposedPorts?.keys.sorted().joined(separator: " "))
        add("volumes", config.volumes?.keys.sorted().joined(separator: " "))
        add("labels", config.labels?.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))
        add("stopsignal", config.stopSignal)
        add("shell", config.shell.map { "\($0)" })
        add("onbuild", config.onBuild.map { "\($0)" })
        if let check = config.healthcheck {
            let times = [check.interval, check.timeout, check.startPeriod, check.startInterval].map { $0.map(String.init) ?? "-" }
            add("healthcheck", "\(check.test ?? []) \(times.joined(separator: " ")) \(check.retries.map(String.init) ?? "-")")
        }
        return lines
    }
}
