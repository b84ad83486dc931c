package import Diagnostics

/// The variables that words can name at some point of a file: build arguments and environment as they are there.
package struct VariableScope: Sendable, Hashable {
    /// A name that is absent is unset, which `${v-w}` tells from empty.
    package var values: [String: String]

    package init(_ values: [String: String] = [:]) { self.values = values }

    package subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    package var names: some Collection<String> { values.keys }
}

/// A variable that a word uses and nobody set; it expanded to nothing.
package struct UndefinedVariable: Sendable, Hashable {
    package var name: String
    /// From `$` to the end of the name or the closing brace.
    package var range: SourceRange
}
