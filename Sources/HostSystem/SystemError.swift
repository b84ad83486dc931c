package import SystemPackage

/// A system call that failed: which, on what, and why.
package struct SystemError: Error, Sendable, Hashable {
    package var call: String
    package var path: String?
    package var code: Errno
    package init(_ call: String, path: String? = nil, code: Errno) {
        self.call = call
        self.path = path
        self.code = code
    }
}
