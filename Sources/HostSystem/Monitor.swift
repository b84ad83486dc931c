import CHost
import Glibc

/// State that threads share, behind a mutex with a condition to wait on.
///
/// `@unchecked Sendable`: `state` is reached only inside `with` and `wait`, which hold the mutex; the two pointers are
/// constants to memory that lives as long as the object.
package final class Monitor<State>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func with<T>(_ body: (inout State) throws -> T) rethrows -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Blocks the thread until `body` returns a value; `waking` is called each time the wait was interrupted to look
    /// again. `signal` or `broadcast` after each change that may matter.
    package func wait<T>(for body: (inout State) throws -> T?, waking: (inout State) -> Void = { _ in }) rethrows -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value = try body(&state) { return value }
            pthread_cond_wait(condition, mutex)
            waking(&state)
        }
    }

    package func signal() { pthread_cond_signal(condition) }
    package func broadcast() { pthread_cond_broadcast(condition) }
}

/// Starts threads of the operating system.
package enum SystemThread {
    /// False when the machine has no more to give.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let box = Unmanaged.passRetained(ThreadBody(body))
        let result = chost_start_thread(
            { pointer in
                if let pointer { Unmanaged<ThreadBody>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        if result < 0 { box.release() }
        return result >= 0
    }

    static func sleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
