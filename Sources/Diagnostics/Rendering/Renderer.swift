/// Turns diagnostics into text for people or programs. The result ends in a newline unless it is empty.
package protocol Renderer: Sendable {
    func render(_ diagnostics: [Diagnostic]) -> String
}
