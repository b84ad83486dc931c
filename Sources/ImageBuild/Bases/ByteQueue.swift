import Archives
import HostSystem

/// Bytes on their way from the thread that gets them to the one that wants them: a few pieces wait in between.
final class ByteQueue: Sendable {
    private struct State {
        var pieces: [[UInt8]] = []
        var isClosed = false
        var isAbandoned = false
    }
    private let state = Monitor(State())
    private let capacity: Int

    /// `capacity`: how many pieces may wait.
    init(capacity: Int = 16) { self.capacity = capacity }

    /// Waits for room. False when nobody listens any more.
    func send(_ bytes: [UInt8]) -> Bool {
        let isHeard = state.wait { state -> Bool? in
            if state.isAbandoned { return false }
            guard state.pieces.count < self.capacity else { return nil }
            state.pieces.append(bytes)
            return true
        }
        state.broadcast()
        return isHeard
    }

    /// No more will come.
    func close() {
        state.with { $0.isClosed = true }
        state.broadcast()
    }

    /// Nobody listens any more.
    func abandon() {
        state.with { $0.isAbandoned = true }
        state.broadcast()
    }

    /// Waits for a piece; nil at the end.
    private func receive() -> [UInt8]? {
        let piece = state.wait { state -> [UInt8]?? in
            if state.isAbandoned { return .some(nil) }
            if !state.pieces.isEmpty { return state.pieces.removeFirst() }
            return state.isClosed ? .some(nil) : nil
        }
        state.broadcast()
        return piece
    }

    /// The listening end.
    struct Reader: ByteReader, Sendable {
        private let queue: ByteQueue
        private var piece: ArraySlice<UInt8> = []

        init(_ queue: ByteQueue) { self.queue = queue }

        /// Whether bytes come, waiting for the first; false at the end.
        mutating func waitForBytes() -> Bool {
            while piece.isEmpty {
                guard let next = queue.receive() else { return false }
                piece = next[...]
            }
            return true
        }

        mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            guard !buffer.isEmpty, waitForBytes() else { return 0 }
            let count = min(piece.count, buffer.count)
            buffer.copyBytes(from: piece.prefix(count))
            piece = piece.dropFirst(count)
            return count
        }
    }
}
