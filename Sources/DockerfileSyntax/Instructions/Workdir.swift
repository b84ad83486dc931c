package import Diagnostics

/// The directory of what follows, in the build and in containers.
package struct Workdir: InstructionSyntax {
    package static let keyword = "WORKDIR"
    package var range: SourceRange
    package var original: String
    package var path: Word

    package init(range: SourceRange, original: String, path: Word) {
        self.range = range
        self.original = original
        self.path = path
    }
}

extension Workdir {
    static func parse(_ statement: inout Statement) -> Workdir? {
        _ = statement.readFlags()
        guard let path = statement.singleArgument("a directory", example: "WORKDIR /app") else { return nil }
        return Workdir(range: statement.range, original: statement.original, path: path)
    }
}
