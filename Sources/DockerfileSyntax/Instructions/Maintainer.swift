package import Diagnostics

/// Deprecated: the image's author.
package struct Maintainer: InstructionSyntax {
    package static let keyword = "MAINTAINER"
    package var range: SourceRange
    package var original: String
    package var author: Word

    package init(range: SourceRange, original: String, author: Word) {
        self.range = range
        self.original = original
        self.author = author
    }
}

extension Maintainer {
    static func parse(_ statement: inout Statement) -> Maintainer? {
        _ = statement.readFlags()
        guard let author = statement.singleArgument("a name", example: "MAINTAINER Ada <ada@example.org>") else {
            return nil
        }
        let name = author.raw.contains("\"") ? "…" : author.raw
        statement.report(
            Diagnostic(
                .warning, "MaintainerDeprecated", "MAINTAINER is deprecated", at: statement.keywordRange,
                help: "write LABEL org.opencontainers.image.authors=\"\(name)\""))
        return Maintainer(range: statement.range, original: statement.original, author: author)
    }
}
