/// Errors of the store.
package struct StorageError: Error, Sendable { package var message: String; package init(_ message: String) { self.message = message } }
