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
