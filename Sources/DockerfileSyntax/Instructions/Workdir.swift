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
