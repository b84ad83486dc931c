package import Diagnostics

/// Finds the stage whose text makes a path: who wrote `COPY dist /srv` may have meant `COPY --from=build /app/dist /srv`.
package enum StageMakers {
    /// A stage that makes a path, and the words that say so.
    package struct Maker: Sendable {
        package var stage: Stage
        /// In the stage's text.
        package var place: SourceRange
        package var reason: String
        /// The path in that stage, absolute.
        package var path: String
        /// The stage names the path, and does not only work near it.
        package var isCertain: Bool
        /// `deps`, or the stage's number.
        package var name: String { stage.name ?? String(stage.index) }
    }

    /// Of an absolute path: the latest stage that names it, else the latest that works in a directory above it, else, for
    /// the directories every system has, the stage before. Of a relative one: the latest stage that names it, seen from
    /// where it works.
    package static func maker(of path: String, among stages: [Stage]) -> Maker? {
        guard path.hasPrefix("/") else { return relativeMaker(of: path, among: stages) }
        for stage in stages.reversed() {
            for instruction in stage.instructions.reversed() {
                if let place = mention(of: path, in: instruction) {
                    return Maker(stage: stage, place: place, reason: "named here", path: path, isCertain: true)
                }
            }
        }
        for stage in stages.reversed() {
            for case .workdir(let directory) in stage.instructions.reversed()
            where directory.path.raw.hasPrefix("/") && directory.path.raw.count > 1 && isInside(path, directory.path.raw) {
                return Maker(
                    stage: stage, place: directory.range, reason: "the stage works in this directory", path: path,
                    isCertain: false)
            }
        }
        let system = ["/bin", "/etc", "/lib", "/lib64", "/opt", "/root", "/sbin", "/usr", "/var"]
        guard let last = stages.last, system.contains(where: { isInside(path, $0) }) else { return nil }
        return Maker(
            stage: last, place: last.from.range, reason: "a directory of this stage's system", path: path,
            isCertain: false)
    }

    /// A RUN that writes the very words, in a directory that is known.
    private static func relativeMaker(of path: String, among stages: [Stage]) -> Maker? {
        let parts = path.split(separator: "/").filter { $0 != "." }
        // A short word such as `src` is in every command; a pattern is in none.
        guard let last = parts.last, parts.count > 1 || last.count > 2, !parts.contains(".."),
            !path.contains(where: { "*?[$".contains($0) })
        else { return nil }
        let wanted = parts.joined(separator: "/")
        for stage in stages.reversed() {
            var directory: String?
            var found: Maker?
            for instruction in stage.instructions {
                if case .workdir(let workdir) = instruction, !workdir.path.raw.contains("$") {
                    let raw = trimmed(workdir.path.raw)
                    directory = raw.hasPrefix("/") ? raw : directory.map { $0 + "/" + raw }
                }
                guard let directory, case .run = instruction, let place = mention(of: wanted, in: instruction) else {
                    continue
                }
                found = Maker(
                    stage: stage, place: place, reason: "named here", path: directory + "/" + wanted, isCertain: true)
            }
            if let found { return found }
        }
        return nil
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

    private static func trimmed(_ path: String) -> String {
        path.hasSuffix("/") && path.utf8.count > 1 ? String(path.dropLast()) : path
    }

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
