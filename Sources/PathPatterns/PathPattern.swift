/// A pattern over slash-separated paths, compiled once.
///
/// Matching takes time proportional to (length of the path × length of the pattern), whatever the pattern: it is run
/// as a set of states, never by backtracking. Paths are bytes; a `?`, a class and a `*` see UTF-8 characters, and each
/// byte that is not valid UTF-8 is a character of its own that no literal equals.
package struct PathPattern: Sendable {
    package enum Dialect: Sendable, Hashable {
        /// Go's `filepath.Match`: what COPY sources are written in. `**` is `*`.
        case components
        /// `filepath.Match` and `**` for any number of directories: ignore files and `--exclude`.
        case recursive
    }

    package let text: String
    package let dialect: Dialect
    let program: PatternProgram

    package init(_ text: String, dialect: Dialect) throws(MalformedPattern) {
        self.text = text
        self.dialect = dialect
        self.program = try PatternCompiler.compile(text, dialect: dialect)
    }

    /// Whether the whole path, seen as written, matches. A pattern that names a directory does not match what is
    /// inside: that is a rule of ignore files, see `PatternList`.
    package func matches(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { program.matches($0) }
    }

    package func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool { program.matches(path) }

    /// Whether the text has an unescaped `*`, `?` or `[`.
    package static func hasWildcards(_ text: String) -> Bool {
        var escaped = false
        for byte in text.utf8 {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[") {
                return true
            }
        }
        return false
    }

    /// A pattern without wildcards as the path it means: `\` removed before what it escapes.
    package static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        var result = String.UnicodeScalarView()
        var escaped = false
        for scalar in text.unicodeScalars {
            if !escaped, scalar == "\\" {
                escaped = true
            } else {
                result.append(scalar)
                escaped = false
            }
        }
        if escaped { result.append("\\") }
        return String(result)
    }
}

extension PathPattern: Hashable {
    package static func == (left: PathPattern, right: PathPattern) -> Bool {
        left.text == right.text && left.dialect == right.dialect
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(dialect)
    }
}

/// A pattern that no path can be held against.
package struct MalformedPattern: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: String, Sendable, Hashable {
        case unclosedClass = "the \"[\" is never closed by \"]\""
        case badClass = "the class in \"[…]\" is empty or has a \"-\" or \"]\" without an end"
        case trailingEscape = "it ends in a backslash that escapes nothing"
        case nothingToInclude = "there is nothing after the \"!\""
        case tooLong = "it is longer than any path can be"
    }
    package var pattern: String
    package var reason: Reason
    package init(_ pattern: String, _ reason: Reason) {
        self.pattern = pattern
        self.reason = reason
    }
    package var description: String { "the pattern \"\(pattern)\" is malformed: \(reason.rawValue)" }
}
