import Diagnostics

/// Lines that are no instruction. A stretch of them (prose, a script) is said once.
struct UnknownInstructions {
    private var diagnostic: Diagnostic?
    /// The lines after the first.
    private var lines: [Int] = []

    /// What is to be said now; a stretch that may still go on is kept.
    mutating func add(_ statement: Statement, after previous: Statement?) -> [Diagnostic] {
        // Inside prose a word that resembles an instruction is an accident, unless it shouts.
        if diagnostic != nil, statement.text.text(statement.keywordBytes) != statement.keyword {
            lines.append(statement.keywordRange.line)
            return []
        }
        let (described, isProse) = Self.describe(statement, after: previous)
        if diagnostic != nil, isProse {
            lines.append(statement.keywordRange.line)
            return []
        }
        let said = take()
        guard isProse else { return said + [described] }
        diagnostic = described
        return said
    }

    mutating func take() -> [Diagnostic] {
        guard var diagnostic else { return [] }
        if let first = lines.first, let last = lines.last {
            diagnostic.notes.append(
                first == last
                    ? "line \(first) is no instruction either" : "lines \(first) to \(last) are no instructions either")
        }
        self.diagnostic = nil
        lines = []
        return [diagnostic]
    }

    private static let shellWords = [
        "export": "ENV NAME=value", "set": "ENV NAME=value", "cd": "WORKDIR and the directory", "cp": "COPY",
        "mv": "COPY", "su": "USER and the user",
    ]
    private static let commands: Set = [
        "apk", "apt", "apt-get", "bash", "chmod", "chown", "curl", "dnf", "echo", "git", "go", "make", "mkdir", "npm", "pip",
        "pip3", "python", "python3", "rm", "sh", "sudo", "wget", "yarn", "yum",
    ]

    /// `isProse`: nothing is known about what was meant.
    static func describe(_ statement: Statement, after previous: Statement?) -> (diagnostic: Diagnostic, isProse: Bool) {
        let written = statement.text.text(statement.keywordBytes)
        let range = statement.keywordRange
        var isProse = false
        var result = Diagnostic(.error, "unknown-instruction", "There is no instruction \"\(written)\"", at: range)
        if let fused = fusedKeyword(statement) {
            result.primary?.text = "\(fused.sign.name) (\(fused.sign.codePoint)) follows \(fused.keyword)"
            result.help = "replace it by a plain space"
            result.fix = [Diagnostic.TextEdit(fused.place, " ")]
        } else if written.hasPrefix("```") || written.hasPrefix("~~~") {
            result.primary?.text = "the fence of a Markdown code block"
            result.help = "remove this line"
        } else if let previous, goesOn(previous, with: written) {
            let mark = Character(UnicodeScalar(statement.escape))
            result.primary?.text = "does this line belong to the \(previous.keyword) above?"
            result.help = "end line \(previous.range.end.line) with \(mark) to continue it"
        } else if let replacement = shellWords[written.lowercased()] {
            result.primary?.text = "a command of a shell"
            result.help = "write \(replacement)"
        } else if commands.contains(written.lowercased()) {
            result.primary?.text = "a program, not an instruction"
            result.help = "to run it in the build, write RUN \(statement.original)"
        } else if let meant = Suggestion.nearest(to: written, among: InstructionParser.keywords) {
            result.primary?.text = "did you mean \(meant)?"
            result.help = "write \(meant)"
            result.fix = [Diagnostic.TextEdit(range, meant)]
        } else if written.hasPrefix("//") || written.hasPrefix("--") || written.hasPrefix(";") {
            result.help = "comments begin with #"
        } else {
            isProse = true
            result.help = "a line begins with an instruction (\(InstructionParser.keywords.prefix(5).joined(separator: ", ")), …), or with # when it is a comment"
        }
        return (result, isProse)
    }

    /// A keyword glued to what follows by a space that is none.
    private static func fusedKeyword(_ statement: Statement) -> (keyword: String, sign: Typography.Sign, place: SourceRange)? {
        let word = statement.keywordBytes
        for index in word {
            guard let sign = Typography.sign(among: Typography.spaces, statement.bytes, at: index) else { continue }
            let keyword = statement.text.text(word.lowerBound..<index).uppercased()
            guard InstructionParser.keywords.contains(keyword) else { return nil }
            return (keyword, sign, statement.place(index..<index + sign.length))
        }
        return nil
    }

    /// Whether the line above was left open, or this one can only be the continuation of another.
    private static func goesOn(_ previous: Statement, with word: String) -> Bool {
        guard InstructionParser.keywords.contains(previous.keyword), previous.heredocs.isEmpty else { return false }
        if ["&&", "||", "|"].contains(where: word.hasPrefix) { return true }
        let text = previous.original
        return ["&&", "||", "|", "\\", "`", ","].contains(where: text.hasSuffix)
            || word.hasPrefix("-") && !word.hasPrefix("---")
    }
}
