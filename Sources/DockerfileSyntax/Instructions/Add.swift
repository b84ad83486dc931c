package import Diagnostics

/// Copies files of the context, unpacks local archives, fetches URLs and git trees.
package struct Add: InstructionSyntax {
    package static let keyword = "ADD"
    package var range: SourceRange
    package var original: String
    package var sources: [Word]
    package var heredocSources: [Heredoc]
    package var destination: Word
    package var chown: Word?
    package var chmod: Word?
    package var link: Bool
    package var excludes: [Word]
    package var checksum: Word?
    package var keepGitDirectory: Bool
    package var unpack: Bool?

    package init(
        range: SourceRange, original: String,
        sources: [Word],
        heredocSources: [Heredoc] = [],
        destination: Word,
        chown: Word? = nil,
        chmod: Word? = nil,
        link: Bool = false,
        excludes: [Word] = [],
        checksum: Word? = nil,
        keepGitDirectory: Bool = false,
        unpack: Bool? = nil
    ) {
        self.range = range
        self.original = original
        self.sources = sources
        self.heredocSources = heredocSources
        self.destination = destination
        self.chown = chown
        self.chmod = chmod
        self.link = link
        self.excludes = excludes
        self.checksum = checksum
        self.keepGitDirectory = keepGitDirectory
        self.unpack = unpack
    }
}

extension Add {
    static func parse(_ statement: inout Statement) -> Add? {
        let flags = statement.readFlags()
        guard let paths = statement.sourcesAndDestination() else { return nil }
        return Add(
            range: statement.range, original: statement.original, sources: paths.sources,
            heredocSources: paths.heredocs, destination: paths.destination, chown: flags.value("chown"),
            chmod: flags.value("chmod"), link: flags.isOn("link"), excludes: flags.all("exclude"),
            checksum: flags.value("checksum"), keepGitDirectory: flags.isOn("keep-git-dir"),
            unpack: flags.toggles["unpack"])
    }
}
