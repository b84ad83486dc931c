package import Diagnostics

extension Word {
    /// The word with its variables replaced and its quotes and escapes taken away.
    ///
    /// Unset variables become empty and are handed to `undefined`, unless the word itself provides for that (`${v:-w}`).
    package func expanded(
        in scope: VariableScope, undefined: (UndefinedVariable) -> Void = { _ in }
    ) throws(DiagnosticsError) -> String {
        guard isSpecial else { return raw }
        var expansion = WordExpansion(self, scope)
        let result = try expansion.run()
        expansion.undefined.forEach(undefined)
        return result.text
    }

    /// Whether anything in it is not simply itself.
    private var isSpecial: Bool {
        let mark = escape.asciiValue ?? .backslash
        return raw.utf8.contains { $0 == .dollar || $0 == .quote || $0 == .apostrophe || $0 == mark }
    }

    /// The same, split at the spaces that are not quoted: a variable that holds spaces gives several words, an empty one
    /// none.
    package func expandedWords(
        in scope: VariableScope, undefined: (UndefinedVariable) -> Void = { _ in }
    ) throws(DiagnosticsError) -> [String] {
        var expansion = WordExpansion(self, scope)
        expansion.splits = true
        let result = try expansion.run()
        expansion.undefined.forEach(undefined)
        return result.words
    }

    /// What is wrong with the word's quotes and substitutions, whatever the variables hold.
    func syntaxProblem() -> DiagnosticsError? {
        guard raw.utf8.contains(where: { $0 == .dollar || $0 == .quote || $0 == .apostrophe }) else { return nil }
        var expansion = WordExpansion(self, VariableScope())
        expansion.checksOnly = true
        do {
            _ = try expansion.run()
            return nil
        } catch {
            return error
        }
    }
}

extension Heredoc {
    /// The body with its variables replaced, when the heredoc's name was not quoted. Quotes stay as they are; a backslash
    /// takes the meaning from the character after it.
    package func expanded(
        in scope: VariableScope, undefined: (UndefinedVariable) -> Void = { _ in }
    ) throws(DiagnosticsError) -> String {
        guard expand else { return content }
        var expansion = WordExpansion(Word(content, range: range), scope)
        expansion.keepsQuotes = true
        let result = try expansion.run()
        expansion.undefined.forEach(undefined)
        return result.text
    }
}

/// The shell-like reading of one word: `'…'`, `"…"`, escapes, `$name` and `${name…}`.
///
/// The rules are those of Docker's own lexer, which differ from a shell's here and there (a `'` inside `${v:-…}` quotes,
/// positional parameters are names like any other).
struct WordExpansion {
    struct Result {
        /// Whether words are wanted too.
        var splits = false
        var text = ""
        var words: [String] = []
        private var word = ""

        init(splits: Bool = false) { self.splits = splits }

        /// Adds text that splits at its spaces.
        mutating func add(_ scalar: UnicodeScalar) {
            text.unicodeScalars.append(scalar)
            guard splits else { return }
            if scalar.properties.isWhitespace { endWord() } else { word.unicodeScalars.append(scalar) }
        }

        mutating func add(_ part: String) {
            guard splits else {
                text += part
                return
            }
            for scalar in part.unicodeScalars { add(scalar) }
        }

        /// Adds text that is one word, spaces and all.
        mutating func addWhole(_ part: String) {
            text += part
            if splits { word += part }
        }

        mutating func endWord() {
            guard !word.isEmpty else { return }
            words.append(word)
            word = ""
        }
    }

    let word: Word
    let scope: VariableScope
    let scalars: [UnicodeScalar]
    /// UTF-8 offset in the word of each scalar, and of the end.
    let offsets: [Int]
    let escape: UnicodeScalar
    var index = 0
    var keepsQuotes = false
    var splits = false
    /// Values are not known: `${v:?}` does not fail.
    var checksOnly = false
    var undefined: [UndefinedVariable] = []
    private var depth = 0
    /// Bytes that variables gave.
    private var produced = 0
    /// More than a process can be given in one variable many times over: `A=$A$A` doubles at every line.
    static let limit = 4 << 20

    init(_ word: Word, _ scope: VariableScope) {
        self.word = word
        self.scope = scope
        scalars = Array(word.raw.unicodeScalars)
        var offsets = [0]
        offsets.reserveCapacity(scalars.count + 1)
        var offset = 0
        for scalar in scalars {
            offset += UTF8.width(scalar)
            offsets.append(offset)
        }
        self.offsets = offsets
        escape = word.escape.unicodeScalars.first ?? "\\"
    }

    mutating func run() throws(DiagnosticsError) -> Result {
        var result = Result(splits: splits)
        try process(upTo: nil, from: 0, keepsEscapes: false, into: &result)
        result.endWord()
        return result
    }

    var peek: UnicodeScalar? { index < scalars.count ? scalars[index] : nil }

    /// The place of some of the word's scalars in the file.
    func place(_ range: Range<Int>) -> SourceRange {
        let range = range.clamped(to: 0..<scalars.count)
        return word.range(ofRaw: offsets[range.lowerBound]..<offsets[range.upperBound])
    }

    /// Reads up to a closing character, which is taken; or to the end, when there is none to look for.
    mutating func process(
        upTo close: UnicodeScalar?, from opening: Int, keepsEscapes: Bool, into result: inout Result
    ) throws(DiagnosticsError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 64 else { throw problem("bad-substitution", "Substitutions are nested too deeply", from: opening) }
        while let scalar = peek {
            if scalar == close {
                index += 1
                return
            }
            switch scalar {
            case "'" where !keepsQuotes:
                result.addWhole(try singleQuoted())
            case "\"" where !keepsQuotes:
                result.addWhole(try doubleQuoted(keepsEscapes: keepsEscapes))
            case "$":
                result.add(try variable())
            case escape:
                index += 1
                if keepsEscapes { result.addWhole(String(scalar)) }
                guard let next = peek else { break }
                index += 1
                result.addWhole(String(next))
            default:
                index += 1
                result.add(scalar)
            }
        }
        guard let close else { return }
        throw DiagnosticsError(
            Diagnostic(
                .error, "unterminated-substitution", "\"${\" is not closed", at: place(opening..<scalars.count),
                "no \"\(close)\" follows", help: close == "}" ? "write } where the name or its default ends" : "write ${NAME/PATTERN/REPLACEMENT}"))
    }

    /// The value of what stands at `$`, as long as values stay within bounds.
    private mutating func variable() throws(DiagnosticsError) -> String {
        let start = index
        let value = try dollar()
        produced += value.utf8.count
        guard produced <= Self.limit else {
            throw problem("value-too-long", "The value is longer than \(Self.limit >> 20) MB with its variables replaced", from: start)
        }
        return value
    }

    private mutating func singleQuoted() throws(DiagnosticsError) -> String {
        let start = index
        index += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            index += 1
            if scalar == "'" { return String(text) }
            text.append(scalar)
        }
        throw unterminated(start, "single")
    }

    private mutating func doubleQuoted(keepsEscapes: Bool) throws(DiagnosticsError) -> String {
        let start = index
        index += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek {
            if scalar == "$" {
                text.append(contentsOf: try variable().unicodeScalars)
                continue
            }
            index += 1
            if scalar == "\"" { return String(text) }
            guard scalar == escape else {
                text.append(scalar)
                continue
            }
            if keepsEscapes { text.append(scalar) }
            // Only what has a meaning in double quotes can be escaped there.
            if let next = peek, next == "\"" || next == "$" || next == escape {
                index += 1
                text.append(next)
            } else if peek != nil {
                text.append(scalar)
            }
        }
        throw unterminated(start, "double")
    }

    private func unterminated(_ start: Int, _ kind: String) -> DiagnosticsError {
        let mark = kind == "single" ? "'" : "\""
        return DiagnosticsError(
            Diagnostic(
                .error, "unterminated-quote", "A \(kind) quote is not closed", at: place(start..<start + 1),
                "opened here", help: "write \(mark) where the text ends, or \(escape)\(mark) for the character itself"))
    }

    func problem(_ code: String, _ message: String, from start: Int, help: String? = nil) -> DiagnosticsError {
        let end = max(min(index, scalars.count), min(start + 1, scalars.count))
        return DiagnosticsError(Diagnostic(.error, code, message, at: place(start..<end), help: help))
    }
}
