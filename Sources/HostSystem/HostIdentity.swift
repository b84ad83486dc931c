import CHost

/// Who and where this process is.
package enum HostIdentity {
    /// Effective ids.
    package static var uid: UInt32 { chost_uid() }
    package static var gid: UInt32 { chost_gid() }
    package static var isRoot: Bool { chost_uid() == 0 }
    package static var process: Int32 { chost_process() }
    /// Processors that this process may use; at least 1.
    package static let processors: Int = max(1, Int(chost_processors()))
    package static let pageSize: Int = Int(chost_page_size())
    /// Whether this process may mount (CAP_SYS_ADMIN).
    package static var canMount: Bool { chost_has_capability(21) }
    /// Whether this process may make device nodes (CAP_MKNOD).
    package static var canMakeDevices: Bool { chost_has_capability(27) }
}
