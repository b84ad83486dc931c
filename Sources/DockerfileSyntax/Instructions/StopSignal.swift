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

extension StopSignal {
    static func parse(_ statement: inout Statement) -> StopSignal? {
        _ = statement.readFlags()
        guard let signal = statement.singleArgument("a signal", example: "STOPSIGNAL SIGINT") else { return nil }
        return StopSignal(range: statement.range, original: statement.original, signal: signal)
    }
}
