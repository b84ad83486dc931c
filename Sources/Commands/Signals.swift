import HostSystem
import Synchronization

/// Turns the first SIGINT or SIGTERM into the cancellation of a task and remembers which it was. A second one ends the
/// process.
final class Signals: Sendable {
    private struct State {
        var signal: Int32 = 0
        var task: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    /// 2, 15, or 0 when nothing came.
    var signal: Int32 { state.withLock { $0.signal } }

    /// From now on it is this task that a signal cancels, also one that came before.
    func attach(_ task: Task<Void, any Error>) {
        let isLate = state.withLock { state in
            state.task = task
            return state.signal != 0
        }
        if isLate { task.cancel() }
    }

    func watch() throws(SystemError) {
        try Interrupts.watch { signal in
            let task = self.state.withLock { state in
                state.signal = signal
                return state.task
            }
            task?.cancel()
        }
    }
}
