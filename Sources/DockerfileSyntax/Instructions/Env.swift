package import Diagnostics

/// Sets environment variables.
package struct Env: InstructionSyntax {
    package static let keyword = "ENV"
    package var range: SourceRange
    package var original: String
    package var variables: [KeyValue]

    package init(range: SourceRange, original: String, variables: [KeyValue]) {
        self.range = range
        self.original = original
        self.variables = variables
    }
}

extension Env {
    static func parse(_ statement: inout Statement) -> Env? {
        _ = statement.readFlags()
        guard let pairs = statement.keyValuePairs(example: "ENV NAME=value") else { return nil }
        return Env(range: statement.range, original: statement.original, variables: pairs)
    }
}
