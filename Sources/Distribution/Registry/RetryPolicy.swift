/// How often something is tried again, and how long to wait in between. Its clock can be a test's.
package struct RetryPolicy: Sendable {
    /// In all.
    package var attempts = 5
    /// The first pause; it doubles.
    package var pause: Duration = .milliseconds(500)
    package var longestPause: Duration = .seconds(30)
    /// A server that asks for a longer rest than this is not waited for.
    package var longestRest: Duration = .seconds(90)
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// 0 ..< 1.
    package var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }
    /// Time since some moment; it never goes back.
    package var now: @Sendable () -> Duration = {
        let (start, now) = (RetryPolicy.start, ContinuousClock.now)
        return start.duration(to: now)
    }

    private static let start = ContinuousClock.now

    package init() {}

    /// What to wait before attempt `number` + 1, with chance in it: clients that failed together must not come back
    /// together. nil: there is no point in waiting.
    func pause(after number: Int, asked: Duration?) -> Duration? {
        guard number < attempts else { return nil }
        if let asked {
            guard asked <= longestRest else { return nil }
            return asked + pause * chance()
        }
        let doubled = min(pause * (1 << min(number - 1, 10)), longestPause)
        return doubled * (0.5 + chance() / 2)
    }

    static func isTemporary(_ status: Int) -> Bool { [408, 425, 429, 500, 502, 503, 504].contains(status) }
}
