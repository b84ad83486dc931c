import CHost

/// Threads for work that blocks: system calls, waiting for a child, tar, hashing. Swift's own pool has one thread per
/// core and must never wait.
///
/// The threads never exit: a container is started with PR_SET_PDEATHSIG, which fires when the *thread* that started it
/// ends. There are max(4, 2 × cores) of them; when all have been blocked for a while and work waits, one more is
/// added, so that work waiting for other queued work cannot lock the pool up.
package enum BlockingPool {
    /// Runs `body` on a thread of the pool. Cancelling the task does not interrupt it.
    package static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            WorkQueue.shared.enqueue { continuation.resume(with: Result(catching: body)) }
        }
    }

    /// Calls `body` for 0 ..< count on several threads, the calling one included; returns when all calls returned.
    /// For a blocking thread, not for an async function. Throws the first error; no further indices are begun then.
    package static func forEach(
        count: Int, width: Int = HostIdentity.processors, _ body: @escaping @Sendable (Int) throws -> Void
    ) throws {
        let loop = ParallelLoop(count: count, body: body)
        for _ in 1..<max(2, min(width, count)) where count > 1 && width > 1 { WorkQueue.shared.enqueue(loop.work) }
        loop.work()
        try loop.wait()
    }

    /// Waits. For a blocking thread, not for an async function.
    package static func pause(milliseconds: Int32) {
        var none: Int32 = -1
        var ready: UInt32 = 0
        _ = chost_poll_readable(&none, 1, milliseconds, &ready)
    }

    /// `transform` of every element, in order, computed like `forEach`.
    package static func concurrentMap<Element: Sendable, T: Sendable>(
        _ elements: [Element], width: Int = HostIdentity.processors,
        _ transform: @escaping @Sendable (Element) throws -> T
    ) throws -> [T] {
        let results = Monitor<[T?]>(Array(repeating: nil, count: elements.count))
        try forEach(count: elements.count, width: width) { index in
            let value = try transform(elements[index])
            results.with { $0[index] = value }
        }
        return results.with { $0.compactMap { $0 } }
    }
}

private final class WorkQueue: Sendable {
    static let shared = WorkQueue()

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// Index of the next job: removing from the front of the array would move all others.
        var next = 0
        var threads = 0
        var idle = 0
        var taken: UInt64 = 0
        var isWatched = false
        var waiting: Int { jobs.count - next }

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < jobs.count else { return nil }
            defer {
                next += 1
                taken &+= 1
                if next == jobs.count {
                    jobs.removeAll(keepingCapacity: true)
                    next = 0
                }
            }
            return jobs[next]
        }
    }

    private let state = Monitor(State())
    private let normal = max(4, HostIdentity.processors * 2)
    private let most = 1024

    func enqueue(_ job: @escaping @Sendable () -> Void) {
        let refused = state.with { state in
            state.jobs.append(job)
            if state.waiting <= state.idle { return false }
            if state.threads < normal {
                startThread(&state)
            } else if !state.isWatched {
                state.isWatched = SystemThread.start { self.watch() }
            }
            guard state.threads == 0 else { return false }
            state.jobs.removeLast()
            return true
        }
        // Not one thread to be had: better slow than never.
        if refused { job() } else { state.signal() }
    }

    private func startThread(_ state: inout State) {
        if SystemThread.start(self.serve) { state.threads += 1 }
    }

    private func serve() {
        while true {
            let job = state.wait { state -> (@Sendable () -> Void)? in
                // Counts as idle exactly while it waits in here.
                if let job = state.take() { return job }
                state.idle += 1
                return nil
            } waking: { $0.idle -= 1 }
            job()
        }
    }

    /// Looks now and then whether work waits while no thread has taken any: then all are blocked, and one is added.
    private func watch() {
        var before = state.with { $0.taken }
        while true {
            SystemThread.sleep(milliseconds: 20)
            let isDone = state.with { state in
                if state.waiting == 0 {
                    state.isWatched = false
                    return true
                }
                if state.taken == before, state.threads < most { startThread(&state) }
                before = state.taken
                return false
            }
            if isDone { return }
        }
    }
}

/// Indices 0 ..< count handed out to whoever asks. A thread that comes late finds none left.
private final class ParallelLoop: Sendable {
    private struct State {
        var next = 0
        var running = 0
        var failure: (any Error)?
    }

    private let count: Int
    private let body: @Sendable (Int) throws -> Void
    private let state = Monitor(State())

    init(count: Int, body: @escaping @Sendable (Int) throws -> Void) {
        self.count = count
        self.body = body
    }

    @Sendable func work() {
        while let index = state.with({ take(&$0) }) {
            let result = Result { try body(index) }
            state.with { state in
                state.running -= 1
                if case .failure(let error) = result, state.failure == nil { state.failure = error }
            }
            state.broadcast()
        }
    }

    private func take(_ state: inout State) -> Int? {
        guard state.next < count, state.failure == nil else { return nil }
        defer { state.next += 1 }
        state.running += 1
        return state.next
    }

    func wait() throws {
        let failure = state.wait { $0.running == 0 ? .some($0.failure) : nil }
        if let failure { throw failure }
    }
}
