import CHost
package import SystemPackage

/// A socket whose connections lead to another one, under an owner and mode of its own. Ends with this object.
///
/// Unchecked: the pointer never changes, and the C side's thread shares nothing with Swift.
package final class SocketRelay: @unchecked Sendable {
    private let relay: OpaquePointer

    /// - Parameters:
    ///   - name: of the socket, which must not be there yet.
    ///   - upstream: the path of a stream socket that somebody listens at.
    package init(
        in directory: Directory, named name: String, to upstream: FilePath, owner: FileOwner, mode: UInt32
    ) throws(SystemError) {
        var made: OpaquePointer?
        let result = name.withCString { name in
            upstream.withPlatformString { upstream in
                chost_relay_start(directory.descriptor, name, upstream, mode, owner.uid, owner.gid, &made)
            }
        }
        try check(result, "pass on the socket", upstream.string)
        guard let made else { throw SystemError("pass on the socket", upstream, .noMemory) }
        relay = made
    }

    deinit { chost_relay_stop(relay) }
}
