/// What the last lines of a failed command say, where they are of a known kind.
package enum OutputClue: Sendable, Hashable {
    /// A shell did not find a program.
    case commandNotFound(String)
    /// A program, or a script's own words: the file it did not find.
    case fileNotFound(String)
    case permissionDenied(String?)
    /// A name that could not be resolved, or a host that could not be reached.
    case network
    case noSpace
    case readOnly(String?)
    case execFormat(String?)
    /// apt does not know the package, or has stale lists.
    case aptLists(String?)
    case apkPackage(String?)

    /// The first kind that fits, from the last line upwards: what was printed last is nearest to the end.
    package static func find(in lines: [String]) -> OutputClue? {
        let recent = lines.suffix(12)
        // A full disk makes everything else fail too.
        if recent.contains(where: { $0.lowercased().contains("no space left on device") }) { return .noSpace }
        for line in recent.reversed() { if let clue = of(line) { return clue } }
        return nil
    }

    private static func of(_ line: String) -> OutputClue? {
        let text = line.lowercased()
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if has("exec format error") { return .execFormat(subject(of: line, before: "exec format error")) }
        if has("unable to locate package") { return .aptLists(last(of: line)) }
        if text.hasPrefix("e:"), has("has no installation candidate") { return .aptLists(quoted(in: line)) }
        if text.hasPrefix("e:"), has("404 ", "failed to fetch") { return has("temporary failure", "could not resolve") ? .network : .aptLists(nil) }
        if has("(no such package)") { return .apkPackage(line.split(separator: " ").first.map { String($0).trimming(":") }) }
        if has(
            "temporary failure in name resolution", "temporary failure resolving", "could not resolve host", "bad address",
            "name or service not known", "network is unreachable", "enotfound", "eai_again", "no such host",
            "failed to establish a new connection", "unable to resolve host address", "could not resolve proxy",
            "nodename nor servname", "no route to host")
        { return .network }
        if let name = missingCommand(line) { return .commandNotFound(name) }
        if has("read-only file system") { return .readOnly(path(in: line)) }
        if has("permission denied", "eacces") { return .permissionDenied(path(in: line)) }
        if has("no such file or directory", "enoent", "can't open", "cannot open", "no rule to make target"),
            let path = path(in: line)
        { return .fileNotFound(path) }
        return nil
    }

    /// `/bin/sh: 1: gti: not found`, `bash: line 3: gti: command not found`, `sh: gti: not found`.
    private static func missingCommand(_ line: String) -> String? {
        for ending in [": command not found", ": not found"] where line.hasSuffix(ending) {
            let head = line.dropLast(ending.utf8.count)
            // The shell's own name stands in front.
            let parts = head.split(separator: ":").map { String($0).trimming(" ") }
            guard parts.count > 1, let name = parts.last, !name.isEmpty, !name.contains(" ") else { continue }
            return name
        }
        return nil
    }

    /// The line of the script that a shell names: `/bin/sh: 3: …`, `bash: line 3: …`.
    package static func scriptLine(in lines: [String]) -> Int? {
        for line in lines.suffix(4).reversed() {
            let parts = line.split(separator: ":", maxSplits: 3).map { String($0).trimming(" ") }
            guard parts.count > 2, parts[0].hasSuffix("sh") else { continue }
            let number = parts[1].hasPrefix("line ") ? String(parts[1].dropFirst(5)) : parts[1]
            if let found = Int(number), found > 0 { return found }
        }
        return nil
    }

    private static func last(of line: String) -> String? { line.split(separator: " ").last.map(String.init) }

    private static func quoted(in line: String) -> String? {
        for (open, close) in [("'", "'"), ("\"", "\""), ("`", "'"), ("\u{2018}", "\u{2019}")] {
            for start in line.ranges(of: open) {
                // The one in "can't" opens nothing.
                if start.lowerBound > line.startIndex, line[line.index(before: start.lowerBound)].isLetter { continue }
                guard let end = line[start.upperBound...].firstRange(of: close), start.upperBound < end.lowerBound else { break }
                return String(line[start.upperBound..<end.lowerBound])
            }
        }
        return nil
    }

    /// A file's name in a message: quoted, else the last word with a colon after it, else the last that looks like one.
    private static func path(in line: String) -> String? {
        if let quoted = quoted(in: line), !quoted.contains(" ") { return quoted }
        let words = line.split(separator: " ").map { word in
            // A full stop ends a sentence, and begins `./x`.
            let bare = String(word).trimming(",;")
            return bare.hasSuffix(".") ? String(bare.dropLast()) : bare
        }
        let named = words.filter { $0.hasSuffix(":") && $0.utf8.count > 1 }.map { $0.trimming(":") }
        if let path = named.dropFirst().last(where: { $0.contains("/") || $0.contains(".") }) { return path }
        return words.last { $0.contains("/") || $0.contains(".") && !$0.hasSuffix(":") } ?? named.dropFirst().last
    }

    private static func subject(of line: String, before ending: String) -> String? {
        guard let range = line.lowercased().firstRange(of: ending) else { return nil }
        let count = line.lowercased().distance(from: line.lowercased().startIndex, to: range.lowerBound)
        return line.prefix(count).split(separator: ":").last { !$0.allSatisfy { $0 == " " } }.map { String($0).trimming(" ") }
    }
}

extension String {
    /// Without these characters at its ends.
    func trimming(_ characters: String) -> String {
        var text = self[...]
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}
