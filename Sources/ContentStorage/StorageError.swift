/// What went wrong in the store, or with an archive on its way into or out of it: one sentence that names the thing.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        case imageNotFound
        /// A name that more than one image answers to.
        case ambiguousName
        case blobNotFound
        /// Bytes that are not those that their digest or size promises.
        case damaged
        /// An archive or layout that cannot be read as an image.
        case badArchive
        /// Removing it would take something away that is needed.
        case inUse
        case other
    }

    package var code: Code
    package var message: String
    /// What to do, when we know.
    package var help: String?
    /// Names that would have been understood, for suggestions.
    package var known: [String]

    package init(_ message: String) { self.init(.other, message) }

    package init(_ code: Code, _ message: String, help: String? = nil, known: [String] = []) {
        self.code = code
        self.message = message
        self.help = help
        self.known = known
    }

    package var description: String { message }
}
