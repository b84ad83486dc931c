import Glibc

/// How to open a file.
package struct OpenOptions: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let read = OpenOptions(rawValue: 1)
    package static let write = OpenOptions(rawValue: 2)
    package static let create = OpenOptions(rawValue: 4)
    /// With `create`: fails with EEXIST when the name is taken, even by a dangling symlink.
    package static let exclusive = OpenOptions(rawValue: 8)
    package static let truncate = OpenOptions(rawValue: 16)
    package static let append = OpenOptions(rawValue: 32)
    /// ELOOP when the last component is a symlink.
    package static let noFollow = OpenOptions(rawValue: 64)

    var flags: Int32 {
        var flags = O_NONBLOCK | O_NOCTTY
        if contains(.write) || contains(.append) { flags |= contains(.read) ? O_RDWR : O_WRONLY }
        if contains(.create) { flags |= O_CREAT }
        if contains(.exclusive) { flags |= O_EXCL }
        if contains(.truncate) { flags |= O_TRUNC }
        if contains(.append) { flags |= O_APPEND }
        if contains(.noFollow) { flags |= O_NOFOLLOW }
        return flags
    }
}
