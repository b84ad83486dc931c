/// A pattern over slash-separated paths, as `.dockerignore` and COPY write them.
package struct PathPattern: Sendable, Hashable {
    package let text: String
    package init(_ text: String) { self.text = text }
}
