import Diagnostics

/// Finds COPY instructions that take an absolute path from the context although an earlier stage makes that very path:
/// what is left of `COPY --from=build /app/server /server` when `--from` got lost. When the context happens to have the
/// path, the image gets the wrong file and nobody is told.
enum LostFrom {
    static func diagnostics(for dockerfile: Dockerfile) -> [Diagnostic] {
        dockerfile.stages.dropFirst().flatMap { stage in
            stage.instructions.compactMap { instruction -> Diagnostic? in
                guard case .copy(let copy) = instruction, copy.from == nil else { return nil }
                return check(copy, earlier: Array(dockerfile.stages[..<stage.index]))
            }
        }
    }

    private struct Maker {
        var stage: Stage
        var place: SourceRange
        var reason: String
        /// The stage names the path, and does not only work near it.
        var isCertain: Bool
    }

    private static func check(_ copy: Copy, earlier stages: [Stage]) -> Diagnostic? {
        for source in copy.sources where source.raw.hasPrefix("/") && source.raw.count > 1 && !source.raw.contains("$") {
            guard let maker = maker(of: source.raw, among: stages) else { continue }
            let name = maker.stage.name ?? String(maker.stage.index)
            let insertion = SourceRange(file: source.range.file, bytes: insertionPoint(copy))
            return Diagnostic(
                .warning, "lost-from", "COPY takes \(source.raw) from the context, though stage \(name) \(maker.isCertain ? "makes it" : "may be meant")",
                at: source.range, "no --from, so this is a path in the context",
                also: [Diagnostic.Label(maker.place, maker.reason)],
                help: "to copy from the stage, write COPY --from=\(name) \(source.raw) …",
                fix: [Diagnostic.TextEdit(insertion, " --from=\(name)")])
        }
        return nil
    }

    /// Just after the keyword.
    private static func insertionPoint(_ copy: Copy) -> Range<Int> {
        let offset = copy.range.bytes.lowerBound + Copy.keyword.utf8.count
        return offset..<offset
    }

    /// The latest stage that names the path, else the latest that works in a directory above it, else, for the
    /// directories every system has, the stage before.
    private static func maker(of path: String, among stages: [Stage]) -> Maker? {
        for stage in stages.reversed() {
            for instruction in stage.instructions.reversed() {
                if let place = mention(of: path, in: instruction) {
                    return Maker(stage: stage, place: place, reason: "named here", isCertain: true)
                }
            }
        }
        for stage in stages.reversed() {
            for case .workdir(let directory) in stage.instructions.reversed()
            where directory.path.raw.hasPrefix("/") && directory.path.raw.count > 1 && isInside(path, directory.path.raw) {
                return Maker(
                    stage: stage, place: directory.range, reason: "the stage works in this directory", isCertain: false)
            }
        }
        let system = ["/bin", "/etc", "/lib", "/lib64", "/opt", "/root", "/sbin", "/usr", "/var"]
        guard let last = stages.last, system.contains(where: { isInside(path, $0) }) else { return nil }
        return Maker(
            stage: last, place: last.from.range, reason: "a directory of this stage's system", isCertain: false)
    }

    private static func isInside(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }

    /// Where a command or a destination names the path.
    private static func mention(of path: String, in instruction: Instruction) -> SourceRange? {
        switch instruction {
        case .run(let run):
            guard case .shell(let shell) = run.command, position(of: path, in: shell.text) != nil else { return nil }
            // In the file, unless a continuation cuts the path in two.
            guard let at = position(of: path, in: shell.range.text) else { return shell.range }
            let start = shell.range.bytes.lowerBound + at
            return SourceRange(file: shell.range.file, bytes: start..<start + trimmed(path).utf8.count)
        case .copy(let copy):
            // A file that this stage lost as well is not made by it.
            return isInside(path, trimmed(copy.destination.raw)) && copy.destination.raw.hasPrefix("/")
                && trimmed(copy.destination.raw).count > 1 ? copy.destination.range : nil
        default: return nil
        }
    }

    private static func trimmed(_ path: String) -> String { path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// Where a command holds the path as a word, or as the beginning of a longer path; in bytes.
    private static func position(of path: String, in command: String) -> Int? {
        let text = Array(command.utf8)
        let wanted = Array(trimmed(path).utf8)
        guard wanted.count > 1, text.count >= wanted.count else { return nil }
        for start in 0...(text.count - wanted.count) where text[start] == wanted[0] {
            guard text[start..<start + wanted.count].elementsEqual(wanted) else { continue }
            let isStart = start == 0 || !isPathByte(text[start - 1])
            let end = start + wanted.count
            if isStart, end == text.count || text[end] == UInt8(ascii: "/") || !isPathByte(text[end]) { return start }
        }
        return nil
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || [0x2D, 0x2E, 0x2F, 0x5F].contains(byte) || byte >= 0x80
    }
}
