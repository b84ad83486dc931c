import BuildContext
import BuildPlan
import BuildSolver
import Diagnostics
import DockerfileSyntax
import Execution
import HostSystem
import PathPatterns
import SystemPackage

/// What the text, the context, the other stages and this machine say about a RUN that failed.
struct RunExplanation {
    let failure: RunFailure
    let stage: Int
    let origin: SourceRange?
    let outline: Outline
    let tree: SourceTree
    let built: BuiltStages
    /// Of the store.
    let root: FilePath

    func improved(_ said: Diagnostic) -> Diagnostic {
        var diagnostic = said
        // The output is long: what explains it stands before, how to go on behind.
        let last = diagnostic.notes.firstIndex { $0.hasPrefix("last output:") } ?? diagnostic.notes.endIndex
        let output = Array(diagnostic.notes[last...])
        diagnostic.notes.removeSubrange(last...)
        switch OutputClue.find(in: failure.lastOutput) {
        case .commandNotFound(let name): explainCommand(name, &diagnostic)
        case .fileNotFound(let path): explainFile(path, &diagnostic)
        case .noSpace: diagnostic.notes += spaceNotes()
        default: break
        }
        diagnostic.notes += output
        return diagnostic
    }

    // MARK: a command that is not there

    private func explainCommand(_ name: String, _ diagnostic: inout Diagnostic) {
        guard failure.program == nil else { return }
        if name.contains("/") { return explainFile(name, &diagnostic) }
        let places = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/go/bin", "/usr/local/cargo/bin", "/root/.cargo/bin", "/root/.local/bin", "/opt/venv/bin"]
        for other in outline.stages where other.stage.index != stage {
            let found = places.lazy.map { $0 + "/" + name }.first { built.find($0, in: other.stage.index) == $0 }
            guard let found else { continue }
            diagnostic.notes.append("stage \"\(other.displayName)\" has it: \(found)")
            break
        }
        if let package = installation(of: name) {
            diagnostic.help = "\"\(name)\" is not in the image at this point: install it in an earlier RUN (\(package)), or start from a base that has it"
        } else if CommandPackages.packages[name] == nil, let near = nearCommand(name, places) {
            diagnostic.help = "did you mean \"\(near)\"?"
        }
    }

    /// By the package manager that the stage has.
    private func installation(of name: String) -> String? {
        guard let package = CommandPackages.packages[name], let files = built.tree(of: stage) else { return nil }
        if files.directory.exists("/sbin/apk", followLast: true) { return "apk add --no-cache \(package.apk)" }
        if files.directory.exists("/usr/bin/apt-get", followLast: true) {
            return "apt-get update && apt-get install -y --no-install-recommends \(package.apt)"
        }
        return nil
    }

    /// A program of the stage with nearly that name.
    private func nearCommand(_ name: String, _ places: [String]) -> String? {
        guard let files = built.tree(of: stage) else { return nil }
        var names: [String] = []
        for place in places {
            guard let directory = try? files.directory.directory(at: FilePath(place)) else { continue }
            names += ((try? directory.entries()) ?? []).map(\.name.string)
        }
        return Suggestion.nearest(to: name, among: names)
    }

    // MARK: a file that is not there

    /// In the context, perhaps, and not in the stage.
    private func explainFile(_ path: String, _ diagnostic: inout Diagnostic) {
        let directory = built.directory(of: stage) ?? "/"
        var relative = path
        if relative.hasPrefix("./") { relative = String(relative.dropFirst(2)) }
        if relative.hasPrefix(directory + "/") { relative = String(relative.dropFirst(directory.utf8.count + 1)) }
        relative = String(relative.drop { $0 == "/" })
        let name = relative.split(separator: "/").last.map(String.init) ?? ""
        let files = UncopiedFiles(stages: outline.stages.map(\.stage), tree: tree)
        let position = outline.stages[stage].stage.instructions.firstIndex { $0.syntax.range == origin } ?? 0
        let folder = relative.split(separator: "/").dropLast().joined(separator: "/")
        for candidate in [relative, name] where !candidate.isEmpty && isInContext(candidate) {
            guard !files.isCovered(candidate, stage: stage, before: position) else { continue }
            diagnostic.notes.append(
                "\"\(candidate)\" is in the build context, but no instruction has copied it into this stage yet")
            diagnostic.help = "write \"COPY \(candidate) \(folder.isEmpty ? "." : folder)/\" above this line"
            return
        }
        if let decision = tree.ignore?.decision(for: relative), decision.ignored, let rule = decision.rule,
            tree.directory.exists(FilePath(relative))
        {
            diagnostic.secondary.append(Diagnostic.Label(rule.range, "keeps \"\(relative)\" out of the build"))
            diagnostic.help = "add \"!\(relative)\" after line \(rule.line) of \(rule.file)"
        }
    }

    private func isInContext(_ path: String) -> Bool {
        if case .included? = try? ContextAnswer(on: FilePath(path), in: tree) { return true }
        return false
    }

    // MARK: a disk that is full

    private func spaceNotes() -> [String] {
        var notes: [String] = []
        if failure.lastOutput.contains(where: { $0.contains("/dev/shm") }) {
            return ["/dev/shm of the step is a file system of its own: --shm-size makes it larger"]
        }
        if let store = FileSystemSpace(at: root) { notes.append("the store, \(root): \(words(store))") }
        return notes
    }

    private func words(_ space: FileSystemSpace) -> String {
        let free = "\(space.available >> 20) MiB of \(space.total >> 20) MiB free"
        return space.filesTotal > 0 && space.filesAvailable < 1000 ? free + ", \(space.filesAvailable) inodes free" : free
    }
}
