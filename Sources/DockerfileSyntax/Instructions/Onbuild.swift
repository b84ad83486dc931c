package import Diagnostics

/// A trigger: an instruction that runs in the builds that start from this image. `trigger` is its text.
package struct Onbuild: InstructionSyntax {
    package static let keyword = "ONBUILD"
    package var range: SourceRange
    package var original: String
    package var trigger: String
    package var triggerRange: SourceRange

    package init(range: SourceRange, original: String, trigger: String, triggerRange: SourceRange) {
        self.range = range
        self.original = original
        self.trigger = trigger
        self.triggerRange = triggerRange
    }
}
