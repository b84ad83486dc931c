package import Diagnostics

/// Declares build arguments, with or without defaults.
package struct Arg: InstructionSyntax {
    package static let keyword = "ARG"
    package var range: SourceRange
    package var original: String
    package var arguments: [KeyValue]

    package init(range: SourceRange, original: String, arguments: [KeyValue]) {
        self.range = range
        self.original = original
        self.arguments = arguments
    }
}

extension Arg {
    static func parse(_ statement: inout Statement) -> Arg? {
        _ = statement.readFlags()
        let words = statement.quotedWords()
        guard !words.isEmpty else {
            statement.reportMissingArguments("a name", help: "write ARG VERSION, or ARG VERSION=1.0 with a default")
            return nil
        }
        _ = statement.checkTrailingComment(words)
        let arguments = words.map { statement.keyValue($0) }
        if arguments.count > 1, words.count == 3, statement.text.text(words[1]) == "=" {
            statement.error(
                "spaces-around-equals", "ARG takes no spaces around \"=\"", at: statement.place(words[1]),
                help: "write ARG \(statement.text.text(words[0]))=\(statement.text.text(words[2]))")
        } else {
            for argument in arguments where argument.key.raw.isEmpty {
                statement.error(
                    "empty-name", "A build argument needs a name", at: argument.key.range, "nothing before \"=\"")
            }
        }
        return Arg(range: statement.range, original: statement.original, arguments: arguments)
    }
}
