import HostSystem
import Synchronization

/// Reading from whoever feeds us: it can take for ever, and cannot be stopped.
enum StandardInput {
    /// Runs `body` on a thread that may block. When the task is cancelled the thread is left behind, to end with the
    /// process.
    static func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let waiter = Waiter<Value>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiter.wait(continuation)
                Task {
                    do { waiter.resume(.success(try await BlockingPool.run(body))) } catch {
                        waiter.resume(.failure(error))
                    }
                }
            }
        } onCancel: {
            waiter.resume(.failure(CancellationError()))
        }
    }

    /// Resumes a continuation with the first of two results.
    private final class Waiter<Value: Sendable>: Sendable {
        private enum State {
            case idle
            case waiting(CheckedContinuation<Value, any Error>)
            /// A result that came before anybody waited, or nil when it is taken.
            case over(Result<Value, any Error>?)
        }

        private let state = Mutex(State.idle)

        func wait(_ continuation: CheckedContinuation<Value, any Error>) {
            let early = state.withLock { state -> Result<Value, any Error>? in
                if case .over(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(with: early) }
        }

        func resume(_ result: Result<Value, any Error>) {
            let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                switch state {
                case .idle:
                    state = .over(result)
                    return nil
                case .waiting(let continuation):
                    state = .over(nil)
                    return continuation
                case .over: return nil
                }
            }
            waiting?.resume(with: result)
        }
    }
}
