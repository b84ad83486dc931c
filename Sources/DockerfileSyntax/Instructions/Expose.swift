package import Diagnostics

/// Ports the program listens on.
package struct Expose: InstructionSyntax {
    package static let keyword = "EXPOSE"
    package var range: SourceRange
    package var original: String
    package var ports: [Word]

    package init(range: SourceRange, original: String, ports: [Word]) {
        self.range = range
        self.original = original
        self.ports = ports
    }
}

extension Expose {
    static func parse(_ statement: inout Statement) -> Expose? {
        _ = statement.readFlags()
        let words = statement.plainWords()
        guard !words.isEmpty else {
            statement.reportMissingArguments("a port", help: "name the port the program listens on: EXPOSE 8080")
            return nil
        }
        _ = statement.checkTrailingComment(words)
        return Expose(range: statement.range, original: statement.original, ports: words.map { statement.word($0) })
    }
}
