import Diagnostics
import DockerfileSyntax
import PathPatterns

/// What `--chmod`, `--chown` and the patterns of COPY and ADD say, judged before anything is copied.
enum CopyModes {
    /// Without wildcards it is a path, whatever is in it.
    static func checkPattern(
        _ text: String, dialect: PathPattern.Dialect, at word: Word
    ) throws(DiagnosticsError) {
        for part in text.split(separator: "/") where PathPattern.hasWildcards(String(part)) {
            do throws(MalformedPattern) { _ = try PathPattern(String(part), dialect: dialect) } catch {
                throw DiagnosticsError(
                    Diagnostic(
                        .error, "pattern-malformed", "\"\(text)\" is not a pattern", at: word.range, error.reason.rawValue,
                        help: part.contains("[") ? "write [[] for a \"[\" that is part of a name" : nil))
            }
        }
    }

    /// nil: it expanded to nothing, which asks for nothing.
    static func mode(_ text: String, at word: Word) throws(DiagnosticsError) -> FileModeChange? {
        guard !text.isEmpty else { return nil }
        do throws(FileModeProblem) { return try FileModeChange(parsing: text) } catch {
            let isPlain = word.raw == text
            let end = text.utf8.count
            // The character where reading stopped; of a mode that ends too early, its last one.
            let offset = min(error.offset, max(0, end - 1))
            let length = text.utf8.count > offset ? characterLength(text, at: offset) : 0
            let place = isPlain ? word.range(ofRaw: offset..<offset + length) : word.range
            throw DiagnosticsError(
                Diagnostic(
                    .error, "chmod-invalid", "\"\(text)\" is not a mode", at: place, error.reason,
                    help: "write octal digits, for example 0755, or changes as chmod takes them, for example u=rwX,go=rX"))
        }
    }

    private static func characterLength(_ text: String, at offset: Int) -> Int {
        let index = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
        guard let scalar = index.samePosition(in: text.unicodeScalars) else { return 1 }
        return String(text.unicodeScalars[scalar]).utf8.count
    }

    /// Warnings; an error when names would have to be looked up where there are none.
    static func check(owner text: String, at word: Word, isLinked: Bool) throws(DiagnosticsError) -> [Diagnostic] {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts.filter { !$0.isEmpty && $0 != "root" && Int32($0) == nil }
        if isLinked, let name = names.first {
            throw DiagnosticsError(
                Diagnostic(
                    .error, "chown-name-linked", "--chown of a --link copy needs numbers", at: word.range,
                    "\"\(name)\" is a name",
                    notes: ["what is linked is made on an empty filesystem: there is no /etc/passwd to look in"],
                    help: "write the ids, for example --chown=1000:1000, or leave --link out"))
        }
        guard parts.count == 2, parts[1].isEmpty else { return [] }
        return [
            Diagnostic(
                .warning, "chown-group-empty", "there is no group after the \":\": the files get group 0", at: word.range,
                help: "write \(parts[0]) alone for the user's own group, or name one")
        ]
    }
}
