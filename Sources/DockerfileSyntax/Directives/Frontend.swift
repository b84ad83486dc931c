package import Diagnostics

/// Who is to read the file, as `# syntax=` and the build argument BUILDKIT_SYNTAX name it: an image with a frontend for
/// BuildKit. There is one here, which reads what docker/dockerfile reads.
package enum Frontend {
    /// A warning when somebody else is asked for.
    package static func warning(for name: String, at range: SourceRange) -> Diagnostic? {
        guard !isOurs(name) else { return nil }
        let near = Suggestion.nearest(to: String(repository(name).name), among: ["docker/dockerfile"])
        return Diagnostic(
            .warning, "foreign-syntax", "\"\(name)\" is not the language this builder reads", at: range,
            "read as docker/dockerfile:1 all the same",
            help: near == nil ? "use docker/dockerfile:1, or remove the line" : "write docker/dockerfile:1")
    }

    /// `docker/dockerfile` in any version that exists, its upstream channel, or the built-in one.
    static func isOurs(_ name: String) -> Bool {
        let (repository, tag) = repository(name)
        switch repository {
        case "dockerfile.v0": return true
        case "docker/dockerfile", "docker/dockerfile-upstream":
            guard let tag else { return true }
            if ["latest", "labs", "experimental", "master", "master-labs", "master-experimental"].contains(String(tag)) { return true }
            let version = tag.prefix { $0 != "-" }.split(separator: ".", omittingEmptySubsequences: false)
            return version.first == "1" && version.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }
        default: return false
        }
    }

    private static func repository(_ name: String) -> (name: Substring, tag: Substring?) {
        var rest = name.prefix { $0 != "@" }
        for host in ["docker.io/", "index.docker.io/", "registry-1.docker.io/"] where rest.hasPrefix(host) {
            rest = rest.dropFirst(host.count)
        }
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") else { return (rest, nil) }
        return (rest[..<colon], rest[rest.index(after: colon)...])
    }

    /// A file in another language, which BuildKit would hand to the frontend that its first lines name: `// syntax=…`, or
    /// JSON with a member `syntax`.
    static func foreignFile(_ file: SourceFile) -> Diagnostic? {
        let bytes = file.bytes
        var start = file.startOfText
        if bytes.matches("#!", at: start) { start = file.bytesOfLine(2)?.lowerBound ?? bytes.count }
        if bytes.matches("//", at: start) {
            let line = file.position(of: start).line
            guard let end = file.bytesOfLine(line)?.upperBound, let value = setting(file, start + 2..<end) else { return nil }
            return foreign(SourceRange(file: file, bytes: start..<end), file.text(in: value))
        }
        let content = bytes.trimmed(start..<bytes.count)
        guard let first = content.first, bytes[first] == UInt8(ascii: "{"), bytes[content.upperBound - 1] == UInt8(ascii: "}"),
            let value = member(file, content)
        else { return nil }
        return foreign(SourceRange(file: file, bytes: value), file.text(in: value))
    }

    private static func foreign(_ range: SourceRange, _ name: String) -> Diagnostic {
        Diagnostic(
            .error, "foreign-syntax", "This is not a Dockerfile, but a file for the frontend \"\(name)\"", at: range,
            notes: ["other languages than the Dockerfile's need a builder that runs frontends"],
            help: "write a Dockerfile, or name one with -f")
    }

    /// The value of `syntax = value`.
    private static func setting(_ file: SourceFile, _ range: Range<Int>) -> Range<Int>? {
        let bytes = file.bytes
        let text = bytes.trimmed(range)
        guard file.text(in: text.lowerBound..<min(text.lowerBound + 6, text.upperBound)).lowercased() == "syntax" else { return nil }
        let rest = bytes.trimmed(text.lowerBound + 6..<text.upperBound)
        guard let equals = rest.first, bytes[equals] == .equals else { return nil }
        return bytes.plainWords(in: equals + 1..<rest.upperBound).first
    }

    /// The string behind the first `"syntax":`.
    private static func member(_ file: SourceFile, _ range: Range<Int>) -> Range<Int>? {
        let bytes = file.bytes
        guard let key = range.first(where: { bytes[$0] == .quote && bytes.matches("\"syntax\"", at: $0) }) else { return nil }
        let rest = bytes.trimmed(key + 8..<range.upperBound)
        guard let colon = rest.first, bytes[colon] == UInt8(ascii: ":") else { return nil }
        let value = bytes.trimmed(colon + 1..<rest.upperBound)
        guard let open = value.first, bytes[open] == .quote,
            let close = (open + 1..<value.upperBound).first(where: { bytes[$0] == .quote })
        else { return nil }
        return open + 1..<close
    }
}
