import HostSystem
import Synchronization

/// Turns the first SIGINT or SIGTERM into the cancellation of a task and remembers which it was.
final class Signals: Sendable {
    private let received = Mutex<Int32>(0)

    /// 2, 15, or 0 when nothing came.
    var signal: Int32 { received.withLock { $0 } }

    func cancel(_ task: Task<Void, any Error>) throws {
        try Interrupts.watch { signal in
            self.received.withLock { $0 = signal }
            task.cancel()
        }
    }
}
