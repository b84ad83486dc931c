package import Diagnostics

/// Paths that containers keep outside the image.
package struct Volume: InstructionSyntax {
    package static let keyword = "VOLUME"
    package var range: SourceRange
    package var original: String
    package var paths: [Word]

    package init(range: SourceRange, original: String, paths: [Word]) {
        self.range = range
        self.original = original
        self.paths = paths
    }
}

extension Volume {
    static func parse(_ statement: inout Statement) -> Volume? {
        _ = statement.readFlags()
        let paths: [Word]
        if let strings = statement.execForm(in: statement.rest) {
            statement.arguments = strings.map(\.value)
            paths = strings.map { statement.word($0) }
        } else {
            let words = statement.plainWords()
            _ = statement.checkTrailingComment(words)
            paths = words.map { statement.word($0) }
        }
        guard !paths.isEmpty else {
            statement.reportMissingArguments("a path", help: "name the directory to keep outside the image: VOLUME /data")
            return nil
        }
        for path in paths where path.raw.isEmpty {
            statement.error("empty-volume", "A volume needs a path", at: path.range, "this one is empty")
        }
        return Volume(range: statement.range, original: statement.original, paths: paths)
    }
}
