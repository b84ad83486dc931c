package import SystemPackage

/// A system call that failed: which, on what, and why. `description` is a sentence for people (SystemError+Syscall.swift).
package struct SystemError: Error, Sendable, Hashable {
    /// What was being done, as an infinitive after "cannot": `open`, `write`, `make the directory`.
    package var call: String
    package var path: String?
    package var code: Errno
    /// What the kernel or we know beyond the code, such as a file system's own message.
    package var detail: String?

    package init(_ call: String, path: String? = nil, code: Errno, detail: String? = nil) {
        self.call = call
        self.path = path
        self.code = code
        self.detail = detail
    }

    package init(_ call: String, _ path: FilePath, _ code: Errno, detail: String? = nil) {
        self.init(call, path: path.string, code: code, detail: detail)
    }
}

/// Turns what a CHost function returned (>= 0, or -errno) into a value or an error.
@discardableResult
func check(_ result: Int64, _ call: String, _ path: @autoclosure () -> String?) throws(SystemError) -> Int64 {
    guard result < 0 else { return result }
    throw SystemError(call, path: path(), code: Errno(rawValue: CInt(truncatingIfNeeded: -result)))
}
