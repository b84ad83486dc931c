import CHost
import SystemPackage

/// SIGINT and SIGTERM as a call, SIGPIPE as an error.
package enum Interrupts {
    private final class Handler: Sendable {
        let body: @Sendable (Int32) -> Void
        init(_ body: @escaping @Sendable (Int32) -> Void) { self.body = body }
    }

    /// Calls `body` with the number of the first SIGINT or SIGTERM, on a thread of its own; a second one ends the
    /// process. To be called once.
    package static func watch(_ body: @escaping @Sendable (Int32) -> Void) throws(SystemError) {
        // Kept for the life of the process: the thread may call at any time.
        let handler = Unmanaged.passRetained(Handler(body))
        let failure = chost_watch_interrupts(
            { context, signal in
                guard let context else { return }
                Unmanaged<Handler>.fromOpaque(context).takeUnretainedValue().body(signal)
            }, handler.toOpaque())
        if failure != 0 { throw SystemError("sigaction", code: Errno(rawValue: failure)) }
    }

    /// Turns SIGPIPE into an error of `write`, in this process but not in those it starts.
    package static func survivingBrokenPipes() { chost_survive_broken_pipes() }
}
