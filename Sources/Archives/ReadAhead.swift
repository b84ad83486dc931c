import HostSystem

/// Reads from a source ahead of whoever reads from it, on a thread of its own: at most four blocks of 1 MiB. The thread
/// starts when a source turns out to be longer than one block.
final class ReadAhead: ByteReader {
    private final class Block {
        let memory = RawMemory(count: 1 << 20)
        var count = 0
    }

    private struct State {
        var full: [Block] = []
        var free: [Block] = []
        var blocks = 1
        var isAtEnd = false
        var isClosed = false
        var failure: (any Error)?
    }

    /// `@unchecked Sendable`: the source is used by the reader before the thread starts and by the thread after; whoever
    /// made it may look at it again once the end was read, which the monitor orders after the thread's last use.
    private final class Shared: @unchecked Sendable {
        var source: any ByteReader
        let state = Monitor(State())
        init(_ source: any ByteReader) { self.source = source }

        /// Fills a block; false when nothing more will come.
        func fill(_ block: Block) -> Bool {
            let result = Result {
                block.count = 0
                while block.count < block.memory.count {
                    let count = try source.read(into: block.memory.bytes[rebased: block.count..<block.memory.count])
                    if count == 0 { return true }
                    block.count += count
                }
                return false
            }
            return state.with { state in
                if block.count > 0 { state.full.append(block) }
                switch result {
                case .success(let isAtEnd): state.isAtEnd = isAtEnd
                case .failure(let error):
                    state.failure = error
                    state.isAtEnd = true
                }
                return !state.isAtEnd
            }
        }

        func run() {
            while let block = state.wait(for: { Self.takeFree(&$0) }) {
                let goesOn = fill(block)
                state.broadcast()
                if !goesOn { return }
            }
        }

        private static func takeFree(_ state: inout State) -> Block?? {
            if state.isClosed { return .some(nil) }
            if let block = state.free.popLast() { return block }
            guard state.blocks < 4 else { return nil }
            state.blocks += 1
            return Block()
        }
    }

    private let shared: Shared
    private var current: Block?
    private var position = 0
    private enum Mode { case beginning, threaded, alone }
    private var mode = Mode.beginning

    init(_ source: any ByteReader) { shared = Shared(source) }

    deinit {
        shared.state.with { $0.isClosed = true }
        shared.state.broadcast()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if mode == .beginning { begin() }
        while true {
            if let current, position < current.count {
                let count = min(buffer.count, current.count - position)
                buffer.copyMemory(from: UnsafeRawBufferPointer(current.memory.bytes[rebased: position..<position + count]))
                position += count
                return count
            }
            guard try advance() else { return 0 }
        }
    }

    private func begin() {
        let first = Block()
        mode = .alone
        if shared.fill(first) {
            let shared = shared
            mode = SystemThread.start { shared.run() } ? .threaded : .alone
        }
    }

    /// To the next block; false at the end.
    private func advance() throws -> Bool {
        let used = current
        current = nil
        position = 0
        let isThreaded = mode == .threaded
        if !isThreaded, shared.state.with({ $0.full.isEmpty && !$0.isAtEnd }) { _ = shared.fill(used ?? Block()) }
        if isThreaded, let used {
            shared.state.with { $0.free.append(used) }
            shared.state.broadcast()
        }
        current = try shared.state.wait { state -> Block?? in
            if !state.full.isEmpty { return state.full.removeFirst() }
            if let failure = state.failure { throw failure }
            return state.isAtEnd ? .some(nil) : nil
        }
        return current != nil
    }
}
