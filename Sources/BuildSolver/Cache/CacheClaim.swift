import HostSystem

/// The right to perform a step. Of two builds that miss the same step one gets it; the other waits and takes the result.
package final class CacheClaim: Sendable {
    private let ending: Monitor<(@Sendable () -> Void)?>

    package init(ending: @escaping @Sendable () -> Void = {}) { self.ending = Monitor(ending) }

    /// Idempotent; also done on deinit, and by the kernel for a process that dies.
    package func release() {
        let end = ending.with { ending in
            defer { ending = nil }
            return ending
        }
        end?()
    }

    deinit { release() }
}
