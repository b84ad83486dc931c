package import Diagnostics

/// Ports the program listens on.
package struct Expose: InstructionSyntax {
    package static let keyword = "EXPOSE"
    package var range: SourceRange
    package var original: String
    package var ports: [Word]

    package init(range: SourceRange, original: String, ports: [Word]) {
        self.range = range
        self.original = original
        self.ports = ports
    }
}
