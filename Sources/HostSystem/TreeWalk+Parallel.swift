import SystemPackage

extension TreeWalk {
    /// Walks with several threads, a directory at a time, in no order but parents before what they hold. Each thread
    /// has a state of its own for the visitor to fill; all of them are returned. Worth it for big trees only.
    /// For a blocking thread, not for an async function.
    package static func visitInParallel<State: Sendable>(
        _ directory: Directory, workers: Int = HostIdentity.processors, state: @escaping @Sendable () -> State,
        _ visitor: @escaping @Sendable (inout State, Entry) throws -> Decision
    ) throws -> [State] {
        let queue = Monitor(PendingDirectories())
        return try BlockingPool.concurrentMap(Array(0..<max(1, workers)), width: max(1, workers)) { _ in
            var own = state()
            while let next = queue.wait(for: { $0.take() }) {
                do {
                    var found: [FilePath] = []
                    try visit(directory, below: next, sorted: false) { entry in
                        if try visitor(&own, entry) == .descend, entry.metadata.kind == .directory {
                            found.append(entry.path)
                        }
                        return .skip
                    }
                    queue.with { $0.finish(adding: found) }
                } catch {
                    queue.with { $0.isStopped = true }
                    queue.broadcast()
                    throw error
                }
                queue.broadcast()
            }
            return own
        }
    }
}

private struct PendingDirectories {
    var paths: [FilePath] = [""]
    var busy = 0
    var isStopped = false

    /// `.some(nil)` when the walk is over; nil when others may still find more.
    mutating func take() -> FilePath?? {
        if isStopped { return .some(nil) }
        if let path = paths.popLast() {
            busy += 1
            return .some(path)
        }
        return busy == 0 ? .some(nil) : nil
    }

    mutating func finish(adding found: [FilePath]) {
        busy -= 1
        paths += found
    }
}
