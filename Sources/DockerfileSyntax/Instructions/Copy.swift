package import Diagnostics

/// Copies files of the context, a stage or an image.
package struct Copy: InstructionSyntax {
    package static let keyword = "COPY"
    package var range: SourceRange
    package var original: String
    package var sources: [Word]
    package var heredocSources: [Heredoc]
    package var destination: Word
    package var from: Word?
    package var chown: Word?
    package var chmod: Word?
    package var link: Bool
    package var parents: Bool
    package var excludes: [Word]

    package init(
        range: SourceRange, original: String,
        sources: [Word],
        heredocSources: [Heredoc] = [],
        destination: Word,
        from: Word? = nil,
        chown: Word? = nil,
        chmod: Word? = nil,
        link: Bool = false,
        parents: Bool = false,
        excludes: [Word] = []
    ) {
        self.range = range
        self.original = original
        self.sources = sources
        self.heredocSources = heredocSources
        self.destination = destination
        self.from = from
        self.chown = chown
        self.chmod = chmod
        self.link = link
        self.parents = parents
        self.excludes = excludes
    }
}

extension Copy {
    static func parse(_ statement: inout Statement) -> Copy? {
        let flags = statement.readFlags()
        guard let paths = statement.sourcesAndDestination() else { return nil }
        return Copy(
            range: statement.range, original: statement.original, sources: paths.sources,
            heredocSources: paths.heredocs, destination: paths.destination, from: flags.value("from"),
            chown: flags.value("chown"), chmod: flags.value("chmod"), link: flags.isOn("link"),
            parents: flags.isOn("parents"), excludes: flags.all("exclude"))
    }
}
