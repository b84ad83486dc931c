import HostSystem
import OCI

/// Hashes, compresses, hashes again and writes a stream, on several threads, in bounded memory.
///
///     producer ─▶ block of 1 MiB ─┬─▶ hash (in order) ─────────────────▶ digest of the input
///                                 └─▶ compress (any order, gzip only) ─▶ hash and write (in order) ─▶ sink
///
/// There are no threads per stage: each thread, the producer too when it would have to wait, takes whatever can be done
/// next, first writing, then hashing, then compressing. `threads` - 1 extra threads are started, and none before a
/// second block exists. At most `threads` + 2 blocks exist. Blocks have a fixed size and results are taken in order, so the bytes
/// are the same for any number of threads.
final class CompressionPipeline: Sendable {
    static let blockBytes = 1 << 20

    struct Options {
        var compression: Compression
        var level: Int
        var threads: Int
        /// Whether the digest of the input is wanted.
        var hashesInput: Bool
    }

    struct Result: Sendable {
        /// nil unless it was wanted.
        var inputDigest: Digest?
        var inputBytes: Int64
        var outputDigest: Digest
        var outputBytes: Int64
    }

    private struct State {
        var free: [PipelineBlock] = []
        var blocks = 0
        var submitted = 0
        var toHash: [PipelineBlock] = []
        var toCompress: [PipelineBlock] = []
        /// Compressed, by their index.
        var toWrite: [Int: PipelineBlock] = [:]
        var written = 0
        var isHashing = false
        var isWriting = false
        var running = 0
        var helpers = 0
        var isClosed = false
        var failure: (any Error)?
    }

    private enum Job {
        case hash(PipelineBlock)
        case compress(PipelineBlock)
        case write(PipelineBlock)
    }

    private let state = Monitor(State())
    private let stages: PipelineStages
    private let threads: Int
    private let compressesBlocks: Bool
    private let hashesInput: Bool

    init(_ options: Options, sink: any ByteWriter) throws {
        threads = max(1, min(options.threads, 64))
        compressesBlocks = options.compression == .gzip
        // Stored bytes are hashed once, as output.
        hashesInput = options.hashesInput && options.compression != .none
        stages = try PipelineStages(options, sink: sink)
    }

    /// A block to fill. Does other work while there is none. Throws what went wrong since.
    func takeBlock() throws -> PipelineBlock {
        while true {
            let (block, job) = try state.wait { state -> (PipelineBlock?, Job?)? in
                if let failure = state.failure { throw failure }
                if let block = state.free.popLast() { return (block, nil) }
                if state.blocks < threads + 2 {
                    state.blocks += 1
                    return (PipelineBlock(), nil)
                }
                return Self.next(&state).map { (nil, $0) }
            }
            if let block { return block }
            if let job { perform(job) }
        }
    }

    /// Hands over a filled block.
    func submit(_ block: PipelineBlock) {
        let needsHelper = state.with { state in
            block.index = state.submitted
            block.pending = hashesInput ? 2 : 1
            state.submitted += 1
            if hashesInput { state.toHash.append(block) }
            if compressesBlocks { state.toCompress.append(block) } else { state.toWrite[block.index] = block }
            let wants = !block.isLast && state.helpers < threads - 1
            if wants { state.helpers += 1 }
            return wants
        }
        if needsHelper, !SystemThread.start({ self.help() }) { state.with { $0.helpers = threads } }
        state.broadcast()
    }

    /// After the last block was submitted: works until everything is written.
    func finish() throws -> Result {
        defer { close() }
        while true {
            let job = try state.wait { state -> Job?? in
                if let failure = state.failure { throw failure }
                if let job = Self.next(&state) { return .some(job) }
                return state.running == 0 && state.written == state.submitted && state.toHash.isEmpty ? .some(nil) : nil
            }
            guard let job else { break }
            perform(job)
        }
        return try stages.finish()
    }

    /// Lets the helpers go. What is not written by now will not be.
    func close() {
        state.with { $0.isClosed = true }
        state.broadcast()
    }

    private func help() {
        while let job = state.wait(for: { state -> Job?? in state.isClosed ? .some(nil) : Self.next(&state).map { .some($0) } }) {
            perform(job)
        }
    }

    private static func next(_ state: inout State) -> Job? {
        guard state.failure == nil, !state.isClosed else { return nil }
        if !state.isWriting, let block = state.toWrite.removeValue(forKey: state.written) {
            state.isWriting = true
            state.running += 1
            return .write(block)
        }
        if !state.isHashing, !state.toHash.isEmpty {
            state.isHashing = true
            state.running += 1
            return .hash(state.toHash.removeFirst())
        }
        if !state.toCompress.isEmpty {
            state.running += 1
            return .compress(state.toCompress.removeFirst())
        }
        return nil
    }

    private func perform(_ job: Job) {
        let result = Swift.Result {
            switch job {
            case .hash(let block): stages.hash(block)
            case .compress(let block): try stages.compress(block)
            case .write(let block): try stages.write(block)
            }
        }
        state.with { state in
            state.running -= 1
            if case .failure(let error) = result, state.failure == nil { state.failure = error }
            switch job {
            case .compress(let block): state.toWrite[block.index] = block
            case .hash(let block):
                state.isHashing = false
                Self.release(block, &state)
            case .write(let block):
                state.isWriting = false
                state.written += 1
                Self.release(block, &state)
            }
        }
        state.broadcast()
    }

    private static func release(_ block: PipelineBlock, _ state: inout State) {
        block.pending -= 1
        if block.pending == 0 { state.free.append(block) }
    }
}

/// A block on its way through the pipeline.
///
/// `@unchecked Sendable`: before `submit` only the producer has it; after, `input`, `count` and `isLast` are only read;
/// `output` belongs to the one thread that compresses and after it, in order, to the one that writes; `index` and
/// `pending` are touched under the pipeline's lock.
final class PipelineBlock: @unchecked Sendable {
    let input = RawMemory(count: CompressionPipeline.blockBytes)
    var count = 0
    var isLast = false
    var output: RawMemory?
    var outputCount = 0
    var index = 0
    var pending = 0

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(input.bytes[rebased: 0..<count]) }
}
