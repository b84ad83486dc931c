package import Diagnostics

/// Starts a stage from an image, an earlier stage or `scratch`.
package struct From: InstructionSyntax {
    package static let keyword = "FROM"
    package var range: SourceRange
    package var original: String
    package var platform: Word?
    package var image: Word
    package var stageName: Word?

    package init(range: SourceRange, original: String, platform: Word? = nil, image: Word, stageName: Word? = nil) {
        self.range = range
        self.original = original
        self.platform = platform
        self.image = image
        self.stageName = stageName
    }
}

extension From {
    /// Without an image the words are empty: a stage begins all the same, so that what follows has a place.
    static func parse(_ statement: inout Statement) -> From {
        let flags = statement.readFlags()
        let words = statement.plainWords()
        statement.checkMisplacedFlags(words)
        var from = From(
            range: statement.range, original: statement.original, platform: flags.value("platform"),
            image: statement.word(words.first ?? statement.rest))
        let isNamed = words.count >= 3 && statement.isAs(words[1])
        if isNamed {
            from.stageName = statement.word(words[2])
            statement.checkStageName(words[2])
        }
        guard words.count != 1, !(isNamed && words.count == 3) else { return from }
        if words.isEmpty {
            statement.reportMissingArguments("an image", help: "name an image, an earlier stage or scratch: FROM debian:bookworm-slim")
        } else if !statement.checkTrailingComment(isNamed ? Array(words.dropFirst(2)) : words), !statement.hasErrors,
            !statement.beginsWithDash(words[0])
        {
            statement.reportArity(words, isNamed: isNamed)
        }
        return from
    }
}

extension Statement {
    fileprivate func isAs(_ word: Range<Int>) -> Bool { text.text(word).uppercased() == "AS" }

    /// FROM takes one word, or three with AS in the middle.
    fileprivate mutating func reportArity(_ words: [Range<Int>], isNamed: Bool) {
        let message = "FROM takes an image, or an image, AS and a name"
        if isNamed {
            let extra = place(words[3].lowerBound..<words[words.count - 1].upperBound)
            error("from-arity", message, at: extra, "nothing may follow the name", help: "remove these words")
            return
        }
        if words.count == 2, isAs(words[1]) {
            error("from-arity", message, at: place(words[1]), "no name follows", help: "write a name after AS, or remove AS")
            return
        }
        let image = text.text(words[0])
        if words.count == 3 {
            let typed = text.text(words[1])
            report(
                Diagnostic(
                    .error, "from-arity", message, at: place(words[1]), "not AS",
                    help: "write FROM \(image) AS \(text.text(words[2]))",
                    fix: Suggestion.nearest(to: typed, among: ["AS"]) == nil
                        ? [] : [Diagnostic.TextEdit(place(words[1]), "AS")]))
            return
        }
        let extra = place(words[1].lowerBound..<words[words.count - 1].upperBound)
        error(
            "from-arity", message, at: extra, words.count == 2 ? "AS is missing before it" : "\(words.count) words",
            help: words.count == 2 ? "to name the stage, write FROM \(image) AS \(text.text(words[1]))" : "keep the image only: FROM \(image)")
    }

    /// `[a-z][a-z0-9-_.]*`, in any case.
    fileprivate mutating func checkStageName(_ word: Range<Int>) {
        let name = bytes[word]
        let isValid =
            name.first.map(\.isLetter) == true
            && name.allSatisfy { $0.isLetter || $0.isDigit || [0x2D, 0x5F, 0x2E].contains($0) }
        guard !isValid else { return }
        let isNumber = name.allSatisfy(\.isDigit)
        let reason =
            isNumber
            ? "--from=\(text.text(word)) means the stage at that position"
            : "a name begins with a letter and goes on with letters, digits, \"-\", \"_\" and \".\""
        let usable = String(
            decoding: name.drop { !$0.isLetter }.map {
                $0.isLetter || $0.isDigit || [0x2D, 0x5F, 0x2E].contains($0) ? $0 : 0x2D
            }, as: UTF8.self)
        error(
            "invalid-stage-name", "\"\(text.text(word))\" cannot be the name of a stage", at: place(word), reason,
            help: "choose another name, such as \(usable.isEmpty ? "stage\(isNumber ? text.text(word) : "")" : usable.lowercased())")
    }
}
