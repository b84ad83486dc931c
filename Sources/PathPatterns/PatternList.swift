/// Patterns and exceptions in order: the last one that matches a path, or a directory above it, decides.
///
/// This is the rule of ignore files and of `--exclude`, with BuildKit's reading of a corner: a directory is asked
/// before what is in it, and only patterns that would have changed the verdict are remembered as matching it.
package struct PatternList: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var pattern: PathPattern
        /// Takes back what earlier patterns excluded.
        package var isNegated: Bool
    }

    package private(set) var entries: [Entry]

    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// Patterns as `--exclude` has them. Blank ones are skipped.
    package init(_ texts: [String]) throws(MalformedPattern) {
        entries = []
        for text in texts {
            if let entry = try Self.entry(text) { entries.append(entry) }
        }
    }

    /// One line without its line end; nil when it is blank.
    static func entry(_ text: String) throws(MalformedPattern) -> Entry? {
        var text = trimmed(text[...])
        guard !text.isEmpty else { return nil }
        let isNegated = text.first == "!"
        if isNegated { text = trimmed(text.dropFirst()) }
        guard !text.isEmpty else { throw MalformedPattern("!", .nothingToInclude) }
        var cleaned = PathCleaning.clean(String(text))
        if cleaned.utf8.count > 1, cleaned.utf8.first == PathCleaning.slash { cleaned.removeFirst() }
        if isNegated, cleaned == "/" { throw MalformedPattern("!/", .nothingToInclude) }
        return Entry(pattern: try PathPattern(cleaned, dialect: .recursive), isNegated: isNegated)
    }

    /// Unicode white space at both ends removed, as Go's `strings.TrimSpace` does.
    private static func trimmed(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return text[first...last]
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The verdict on one path. Walking a tree, use `PatternCursor`, which keeps what directories share.
    package func verdict(on path: String) -> PatternVerdict {
        var cursor = PatternCursor(self)
        var verdict = PatternVerdict()
        for part in PathCleaning.insideRoot(path).split(separator: "/") where part != "." {
            var name = String(part)
            (verdict, cursor) = name.withUTF8 { cursor.descending(into: $0) }
        }
        return verdict
    }
}

/// Whether a path is excluded, and which entry said so last.
package struct PatternVerdict: Sendable, Hashable {
    package var isExcluded = false
    /// Index into the list's entries; nil when none matched.
    package var entry: Int?
    package init() {}
}

/// A pattern list standing in a directory, ready to be asked about names in it.
///
/// Holds only the entries that matched the directory or may still match below it, each with the state it is in, so
/// that no path is ever assembled or matched twice.
package struct PatternCursor: Sendable {
    private struct Active: Sendable {
        let program: PatternProgram
        let entry: Int
        let isNegated: Bool
        /// The entry matched this directory, or one above.
        var matched: Bool
        /// nil: cannot match below.
        var state: PatternState?
    }

    private var active: [Active]
    /// The verdict on the directory this stands in.
    package private(set) var verdict: PatternVerdict

    /// At the root of the tree, which is never excluded.
    package init(_ list: PatternList) {
        verdict = PatternVerdict()
        active = list.entries.enumerated().map { index, entry in
            Active(
                program: entry.pattern.program, entry: index, isNegated: entry.isNegated, matched: false,
                state: entry.pattern.program.start)
        }
    }

    /// Whether a name in this directory is excluded. The name has no `/`.
    package func verdict(on name: UnsafeBufferPointer<UInt8>) -> PatternVerdict {
        var verdict = PatternVerdict()
        for index in active.indices where matches(index, name, excluded: verdict.isExcluded) {
            verdict.isExcluded = !active[index].isNegated
            verdict.entry = active[index].entry
        }
        return verdict
    }

    /// The verdict on a directory, and the cursor to use in it.
    package func descending(into name: UnsafeBufferPointer<UInt8>) -> (PatternVerdict, PatternCursor) {
        var inner = self
        inner.active.removeAll(keepingCapacity: true)
        inner.verdict = PatternVerdict()
        for index in active.indices {
            var item = active[index]
            item.matched = matches(index, name, excluded: inner.verdict.isExcluded)
            if item.matched {
                inner.verdict.isExcluded = !item.isNegated
                inner.verdict.entry = item.entry
            }
            item.state = item.state.flatMap { item.program.descending(into: name, from: $0) }
            if item.matched || item.state != nil { inner.active.append(item) }
        }
        return (inner.verdict, inner)
    }

    @inline(__always)
    private func matches(_ index: Int, _ name: UnsafeBufferPointer<UInt8>, excluded: Bool) -> Bool {
        if active[index].matched { return true }
        // An entry that could not change the verdict is not asked, and so not remembered.
        guard active[index].isNegated == excluded, let state = active[index].state else { return false }
        return active[index].program.matches(name, from: state, isComponent: true)
    }

    /// Whether everything below is excluded whatever its name: nothing has to be read. Exact, also for exceptions
    /// with wildcards.
    package var excludesEverythingBelow: Bool {
        guard verdict.isExcluded, let deciding = verdict.entry else { return false }
        return !active.contains { $0.entry > deciding && $0.isNegated && $0.state != nil }
    }

    /// Whether no entry can have a say here or below.
    package var isIdle: Bool { active.isEmpty }
}
