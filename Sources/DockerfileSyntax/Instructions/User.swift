package import Diagnostics

/// Who runs what follows, in the build and in containers.
package struct User: InstructionSyntax {
    package static let keyword = "USER"
    package var range: SourceRange
    package var original: String
    package var user: Word

    package init(range: SourceRange, original: String, user: Word) {
        self.range = range
        self.original = original
        self.user = user
    }
}
