import BuildContext
import Diagnostics
import DockerfileSyntax
import PathPatterns
import SystemPackage

/// Files of the context that a RUN reads though no instruction has copied them into its stage:
/// `RUN pip install -r requirements.txt` before any COPY.
struct UncopiedFiles {
    /// With the triggers that bases bring.
    let stages: [Stage]
    let tree: SourceTree

    /// What can be told from the text alone, for the stages that are built: well-known tools and the files they read.
    func warnings(of needed: [Int]) -> [Diagnostic] {
        needed.flatMap { index -> [Diagnostic] in
            guard stages.indices.contains(index) else { return [] }
            return stages[index].instructions.enumerated().compactMap { position, instruction in
                guard case .run(let run) = instruction else { return nil }
                return warning(of: run, stage: index, position: position)
            }
        }
    }

    private func warning(of run: Run, stage: Int, position: Int) -> Diagnostic? {
        guard case .shell(let form) = run.command, run.heredocs.isEmpty, run.mounts.isEmpty else { return nil }
        let needed = NeededFiles.of(form.text)
        guard !needed.isEmpty else { return nil }
        let left = needed.filter { isUncopied($0, stage: stage, before: position) }
        guard let first = left.first else { return nil }
        let range = Self.place(of: first, in: form.range) ?? form.range
        let list = left.joined(separator: " ")
        let line = SourceRange(file: run.range.file, bytes: run.range.bytes.lowerBound..<run.range.bytes.lowerBound)
        return Diagnostic(
            .warning, "file-not-copied",
            "\(left.map { "\"\($0)\"" }.joined(separator: " and ")) \(left.count == 1 ? "is" : "are") in the build context, but no instruction has copied \(left.count == 1 ? "it" : "them") into this stage yet",
            at: range, "needed here", help: "write \"COPY \(list) ./\" above this line",
            fix: [Diagnostic.TextEdit(line, "COPY \(list) ./\n")])
    }

    /// In the context, and brought into the stage by nothing that stands above.
    func isUncopied(_ path: String, stage: Int, before position: Int) -> Bool {
        guard case .included? = try? ContextAnswer(on: FilePath(path), in: tree) else { return false }
        return !isCovered(path, stage: stage, before: position)
    }

    /// Whether something above the instruction may have brought the file.
    func isCovered(_ path: String, stage: Int, before position: Int) -> Bool {
        var (index, end) = (stage, position)
        while stages.indices.contains(index) {
            let current = stages[index]
            if current.instructions.prefix(end).contains(where: { mayBring(path, $0) }) { return true }
            // What the stage stands on.
            let base = current.from.image.raw.lowercased()
            guard let below = stages.prefix(index).last(where: { $0.name?.lowercased() == base }) else { break }
            (index, end) = (below.index, below.instructions.count)
        }
        return false
    }

    private func mayBring(_ path: String, _ instruction: Instruction) -> Bool {
        switch instruction {
        case .copy(let copy):
            // From elsewhere, or text: nobody knows what it brings.
            if copy.from != nil || !copy.heredocSources.isEmpty { return true }
            return copy.sources.contains { covers($0, path) }
        case .add(let add):
            if !add.heredocSources.isEmpty || add.sources.contains(where: { $0.raw.contains("://") }) { return true }
            return add.sources.contains { covers($0, path) }
        case .run(let run):
            guard case .shell(let form) = run.command else { return true }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let makers = ["git clone", "curl", "wget", "tar ", "unzip", " init", name]
            return makers.contains { form.text.contains($0) } || !run.heredocs.isEmpty
        default: return false
        }
    }

    private func covers(_ source: Word, _ path: String) -> Bool {
        guard !source.raw.contains("$"), let text = try? source.expanded(in: VariableScope()) else { return true }
        let cleaned = PathCleaning.insideRoot(text)
        if cleaned == "." || path == cleaned || path.hasPrefix(cleaned + "/") { return true }
        guard PathPattern.hasWildcards(cleaned), let matches = try? tree.resolve(FileSelection(sources: [cleaned])) else {
            return false
        }
        return matches.contains { path == $0.matchedPath.string || path.hasPrefix($0.matchedPath.string + "/") }
    }

    /// A word of an instruction in the file.
    static func place(of word: String, in range: SourceRange) -> SourceRange? {
        guard !word.isEmpty, let found = range.text.utf8.firstRange(of: word.utf8) else { return nil }
        let text = range.text.utf8
        let start = range.bytes.lowerBound + text.distance(from: text.startIndex, to: found.lowerBound)
        return SourceRange(file: range.file, bytes: start..<start + word.utf8.count)
    }
}

/// The files that well-known tools read from where they are started.
enum NeededFiles {
    static func of(_ script: String) -> [String] {
        var found: [String] = []
        for command in commands(of: script) {
            guard let program = command.first else { continue }
            // Elsewhere from here on; or the file is made first.
            if ["cd", "git", "curl", "wget", "touch", "cp", "mv", "echo", "printf", "cat", "tee"].contains(program) { break }
            for file in files(of: Array(command)) where !found.contains(file) && isPlain(file) { found.append(file) }
        }
        return found
    }

    private static func isPlain(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.contains { "$*?[]{}'\"`()<>\\~ ".contains($0) } && !path.contains("..")
    }

    /// The parts of a shell's line, in words, without variable assignments in front.
    private static func commands(of script: String) -> [[String]] {
        var text = script
        for mark in ["&&", "||", ";", "|", "\n"] { text = text.replacing(mark, with: "\u{0}") }
        return text.split(separator: "\u{0}").map { part in
            let words = part.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            return Array(words.drop { $0.contains("=") && !$0.hasPrefix("-") || $0 == "exec" || $0 == "sudo" || $0 == "set" })
        }
    }

    private static func files(of command: [String]) -> [String] {
        let program = command[0].split(separator: "/").last.map(String.init) ?? command[0]
        let words = command.dropFirst().filter { !$0.hasPrefix("-") }
        let verb = words.first ?? ""
        switch program {
        case "pip", "pip3": return verb == "install" ? requirements(command) : []
        case "python", "python3":
            if command.contains("-m") { return command.contains("pip") ? requirements(command) : [] }
            return verb.hasSuffix(".py") ? [verb] : []
        case "npm":
            if verb == "ci" { return ["package.json", "package-lock.json"] }
            return ["install", "i"].contains(verb) && words.count == 1 && !command.contains("-g") || verb == "run"
                ? ["package.json"] : []
        case "yarn": return verb.isEmpty || verb == "install" ? ["package.json"] : []
        case "pnpm": return verb == "install" || verb == "i" ? ["package.json"] : []
        case "go": return verb == "mod" || verb == "build" ? ["go.mod"] : []
        case "cargo": return ["build", "fetch", "test"].contains(verb) ? ["Cargo.toml"] : []
        case "mvn": return ["pom.xml"]
        case "bundle": return verb == "install" || verb.isEmpty ? ["Gemfile"] : []
        case "composer": return verb == "install" ? ["composer.json"] : []
        case "poetry": return verb == "install" ? ["pyproject.toml"] : []
        case "node", "sh", "bash", "ruby", "perl":
            return command.contains("-c") || command.contains("-e") || !verb.contains(".") ? [] : [verb]
        default:
            return command[0].hasPrefix("./") ? [String(command[0].dropFirst(2))] : []
        }
    }

    /// `-r requirements.txt`, `-rrequirements.txt`, `--requirement=…`.
    private static func requirements(_ command: [String]) -> [String] {
        var files: [String] = []
        for (index, word) in command.enumerated() {
            if ["-r", "--requirement", "-c", "--constraint"].contains(word), index + 1 < command.count {
                files.append(command[index + 1])
            } else if word.hasPrefix("--requirement=") {
                files.append(String(word.dropFirst(14)))
            } else if word.hasPrefix("-r"), word.utf8.count > 2 {
                files.append(String(word.dropFirst(2)))
            }
        }
        return files
    }
}
