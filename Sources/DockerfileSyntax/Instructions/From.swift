package import Diagnostics

/// Starts a stage from an image, an earlier stage or `scratch`.
package struct From: InstructionSyntax {
    package static let keyword = "FROM"
    package var range: SourceRange
    package var original: String
    package var platform: Word?
    package var image: Word
    package var stageName: Word?

    package init(range: SourceRange, original: String, platform: Word? = nil, image: Word, stageName: Word? = nil) {
        self.range = range
        self.original = original
        self.platform = platform
        self.image = image
        self.stageName = stageName
    }
}
