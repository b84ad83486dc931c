import HostSystem
import SystemPackage
import Testing

@Suite struct BlockingPoolTests {
    @Test func passesValuesAndErrors() async throws {
        #expect(try await BlockingPool.run { 42 } == 42)
        await #expect(throws: SystemError.self) {
            try await BlockingPool.run { throw SystemError("try", code: .init(rawValue: 1)) }
        }
    }

    /// Each job waits for a later one: with any fixed number of threads this never ends.
    @Test(.timeLimit(.minutes(1))) func jobsMayWaitForQueuedJobs() async throws {
        let count = HostIdentity.processors * 2 + 8
        let begun = Monitor(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await BlockingPool.run {
                        begun.with { $0 += 1 }
                        begun.broadcast()
                        begun.wait { $0 == count ? () : nil }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(begun.with { $0 } == count)
    }

    @Test func mapsInOrder() throws {
        let squares = try BlockingPool.concurrentMap(Array(0..<1000), width: 4) { $0 * $0 }
        #expect(squares == (0..<1000).map { $0 * $0 })
        let none = try BlockingPool.concurrentMap([Int]()) { $0 }
        #expect(none.isEmpty)
    }

    @Test func theFirstErrorEndsTheLoop() throws {
        let calls = Monitor(0)
        #expect(throws: SystemError.self) {
            try BlockingPool.forEach(count: 100_000, width: 2) { index in
                calls.with { $0 += 1 }
                if index == 10 { throw SystemError("try", code: .init(rawValue: 1)) }
            }
        }
        #expect(calls.with { $0 } < 100_000)
    }
}
