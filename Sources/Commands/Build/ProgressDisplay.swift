import BuildSolver
import HostSystem

/// Drives a renderer: an event or a tick at a time, in the order they come, onto standard error.
struct ProgressDisplay {
    private enum Input: Sendable {
        case event(BuildEvent)
        case tick
    }

    private var renderer: any ProgressRenderer
    private let stream: StandardStream
    private let start: ContinuousClock.Instant
    private let isLive: Bool
    /// Twelve times a second: smooth enough, and nothing beside a build.
    private static let interval = Duration.milliseconds(80)

    private init(_ renderer: any ProgressRenderer, on stream: StandardStream, isLive: Bool) {
        self.renderer = renderer
        self.stream = stream
        self.isLive = isLive
        start = ContinuousClock.now
    }

    /// Runs `body` and shows the events it sends; everything is on the stream when this returns or throws.
    static func show<Result: Sendable>(
        with renderer: any ProgressRenderer, on stream: StandardStream = .error, isLive: Bool,
        during body: (@escaping @Sendable (BuildEvent) -> Void) async throws -> Result
    ) async throws -> Result {
        let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
        let display = ProgressDisplay(renderer, on: stream, isLive: isLive)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var display = display
                await display.drain(inputs)
            }
            let ticks = Task { try await Self.tick(feed) }
            let result = await Swift.Result { try await body { feed.yield(.event($0)) } }
            ticks.cancel()
            feed.finish()
            try await group.waitForAll()
            return try result.get()
        }
    }

    private static func tick(_ feed: AsyncStream<Input>.Continuation) async throws {
        while true {
            try await Task.sleep(for: interval)
            feed.yield(.tick)
        }
    }

    private mutating func drain(_ inputs: AsyncStream<Input>) async {
        if isLive { stream.terminal?.restoreOnExit(with: TerminalProgress.restoration) }
        for await input in inputs {
            switch input {
            case .event(let event): write(renderer.handle(event, at: elapsed))
            case .tick:
                if isLive, let terminal = stream.terminal {
                    renderer.resize(columns: terminal.columns, rows: terminal.rows)
                }
                write(renderer.tick(at: elapsed))
            }
        }
        write(renderer.finish(at: elapsed))
        if isLive { stream.terminal?.restoreOnExit(with: nil) }
    }

    private var elapsed: Double {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// A reader of the log that goes away does not stop the build.
    private func write(_ text: String) {
        if !text.isEmpty { try? stream.write(text) }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
