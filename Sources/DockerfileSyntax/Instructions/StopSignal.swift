package import Diagnostics

/// The signal that asks a container to stop.
package struct StopSignal: InstructionSyntax {
    package static let keyword = "STOPSIGNAL"
    package var range: SourceRange
    package var original: String
    package var signal: Word

    package init(range: SourceRange, original: String, signal: Word) {
        self.range = range
        self.original = original
        self.signal = signal
    }
}
