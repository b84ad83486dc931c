import Diagnostics

extension Statement {
    /// The exec form of some of the statement's text. nil when the text has to be read in its other form; then what looks
    /// like a broken array was reported.
    mutating func execForm(in range: Range<Int>) -> [JSONWord]? {
        switch JSONFormScanner.scan(bytes, in: range) {
        case .absent:
            return nil
        case .strings(let words):
            form = .exec
            return words
        case .notStrings(let range):
            error(
                "exec-form-not-strings", "The exec form holds strings only", at: place(range), "not a string",
                help: "write \"\(text.text(range))\" in double quotes")
            form = .exec
            return []
        case .followedByText(let words, let trailing):
            reportFollowingText(words, trailing, whole: range)
        case .broken(let range, let problem):
            reportBroken(range, problem, whole: rest)
        }
        return nil
    }

    private mutating func reportFollowingText(_ words: [JSONWord], _ trailing: Range<Int>, whole: Range<Int>) {
        let array = bytes.trimmed(whole.lowerBound..<trailing.lowerBound)
        guard !words.isEmpty || bytes[array].count == 2, !isShellTest(array, trailing, words) else { return }
        let isComment = bytes[trailing.lowerBound] == .hash
        // Two lines that were joined: the second is an instruction.
        let next = bytes.plainWords(in: trailing).first.map { text.text($0) } ?? ""
        let isInstruction = trailing.count > next.utf8.count && InstructionParser.keywords.contains(next)
        let end = place(array).bytes.upperBound
        let edit = Diagnostic.TextEdit(
            SourceRange(file: text.file, bytes: end..<(isInstruction ? place(trailing).bytes.lowerBound : place(trailing).bytes.upperBound)),
            isInstruction ? "\n" : "")
        report(
            Diagnostic(
                .error, "exec-form-broken", "This looks like an exec-form array followed by text", at: place(trailing),
                isComment ? "not a comment: \"#\" starts one only at the beginning of a line" : "not part of the array",
                also: [Diagnostic.Label(place(array), "the exec form must be the whole of the arguments")],
                notes: ["with text after it, the line as a whole is handed to a shell, brackets and all"],
                help: isComment
                    ? "move the comment to a line of its own above"
                    : isInstruction ? "begin a new line before \(next)" : "remove the text, or keep it as a comment on a line of its own",
                fix: [edit]))
    }

    /// `[ "$x" ] && …` is a shell's test command, not an array.
    private func isShellTest(_ array: Range<Int>, _ trailing: Range<Int>, _ words: [JSONWord]) -> Bool {
        guard words.count == 1, array.count > 3, bytes[array.lowerBound + 1].isBlank, bytes[array.upperBound - 2].isBlank
        else { return false }
        return ["&", "|", ";"].contains { bytes[trailing.lowerBound] == UInt8(ascii: $0) }
    }

    private mutating func reportBroken(_ range: Range<Int>, _ problem: JSONFormScanner.Problem, whole: Range<Int>) {
        guard looksLikeArray(whole) else { return }
        let (message, help): (String, String) =
            switch problem {
            case .singleQuotes: ("the exec form needs double quotes", "write \" in place of '")
            case .typographicQuotes: ("the exec form needs plain double quotes", "write \" in place of the curly quotes")
            case .trailingComma: ("no comma may follow the last string", "remove the comma")
            case .missingComma: ("a comma is missing before this string", "write a comma between the strings")
            case .unknownEscape: ("JSON has no such escape", "write \\\\ for a backslash")
            case .unterminatedString: ("this string is not closed", "close the string with \" and the array with ]")
            case .unterminatedArray: ("the array is not closed", "write ] at the end")
            case .other: ("not JSON from here on", "write strings in double quotes, with commas between them")
            }
        // Curly quotes get their own message from the typography check.
        guard problem != .typographicQuotes else { return }
        let isList = ["COPY", "ADD", "VOLUME"].contains(keyword)
        report(
            Diagnostic(
                .warning, "exec-form-invalid", "This looks like an exec form, but is not a valid JSON array",
                at: place(range), message,
                notes: [isList ? "it is read as words between spaces" : "it is handed to a shell as it is"], help: help))
    }

    /// `[` and a quote, unless blanks inside say that it is a shell's test: `[ "$a" = "$b" ]`.
    private func looksLikeArray(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound + 1
        let hasBlank = index < range.upperBound && bytes[index].isBlank
        while index < range.upperBound, bytes[index].isBlank { index += 1 }
        guard index < range.upperBound, bytes[index] == .quote || bytes[index] == .apostrophe else { return false }
        guard hasBlank, HeredocScanner.keywords.contains(keyword) || ["CMD", "ENTRYPOINT"].contains(keyword) else {
            return true
        }
        let words = bytes.quotedWords(in: index..<range.upperBound, escape: .backslash)
        return words.first.map { bytes[$0.upperBound - 1] == .comma } ?? false
    }

    /// What RUN, CMD, ENTRYPOINT and HEALTHCHECK CMD run.
    mutating func command(in range: Range<Int>) -> CommandForm {
        if let words = execForm(in: range) {
            arguments += words.map(\.value)
            return .exec(words.map(\.value), range: place(range))
        }
        form = .shell
        arguments.append(text.text(range))
        return .shell(ShellForm(text.text(range), range: place(range)))
    }

    /// A string of an exec form as a word: expanded like any other where the instruction expands its words.
    func word(_ json: JSONWord) -> Word {
        let inner = json.range.lowerBound + 1..<json.range.upperBound - 1
        guard !inner.isEmpty, text.text(inner) == json.value else {
            return Word(json.value, range: place(json.range), escape: Character(UnicodeScalar(escape)))
        }
        return word(inner)
    }
}
