import BuildContext
import BuildPlan
import HostSystem
import OCI
import PathPatterns
import Snapshots

/// One step: its key, its record, or its performance.
struct StepSolver {
    let solver: Solver
    let node: Node
    let results: [Node.ID: StepResult]
    let graph: BuildGraph

    private var environment: SolverEnvironment { solver.environment }

    func solve() async throws -> StepResult {
        solver.announce(node) { .started(id: $0) }
        switch try await lookUp() {
        case .hit(let result):
            solver.announce(node) { .cached(id: $0) }
            return result
        case .miss(let key, let explanation):
            let (claim, hasWaited) = try await claim(key)
            defer { claim?.release() }
            if hasWaited, case .hit(let result) = try await lookUp() {
                solver.announce(node) { .cached(id: $0) }
                return result
            }
            let record = try await perform(key, parent: parent)
            solver.announce(node) {
                .completed(id: $0, seconds: record.seconds, bytes: record.bytes, reason: explanation.reason)
            }
            return StepResult(snapshot: record.result, identity: .derived(key.digest), record: record, wasCached: false)
        }
    }

    enum LookUp {
        case hit(StepResult)
        case miss(CacheKey, MissExplanation)
    }

    private var parent: StepResult? { node.root.flatMap { results[$0] } }

    /// Whether the result is there already, and if not, why.
    func lookUp() async throws -> LookUp {
        let key = try await key(parent: parent)
        if solver.options.uncached.contains(node.id) { return .miss(key, MissExplanation("asked for with --no-cache")) }
        if let record = try await usableRecord(key, parent: parent) {
            return .hit(
                StepResult(snapshot: record.result, identity: .derived(key.digest), record: record, wasCached: true))
        }
        return .miss(key, MissExplanation(key: key, latest: try await environment.cache.latest(titled: node.title)))
    }

    /// Waits while another build performs the same step. A step that is to run whatever is known asks for nothing.
    private func claim(_ key: CacheKey) async throws -> (CacheClaim?, hasWaited: Bool) {
        if solver.options.uncached.contains(node.id) { return (nil, false) }
        if let claim = try environment.cache.claim(key.digest) { return (claim, false) }
        let activity = { (done: Bool) in
            BuildEvent.activity(name: "waiting for another build", detail: String(node.title.prefix(60)), done: done)
        }
        solver.events(activity(false))
        var pause = Duration.milliseconds(5)
        while true {
            try await Task.sleep(for: pause)
            if let claim = try environment.cache.claim(key.digest) {
                solver.events(activity(true))
                return (claim, true)
            }
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    private func key(parent: StepResult?) async throws -> CacheKey {
        var inputs: [InputIdentity] = [parent?.identity ?? .scratch]
        var counted = 0
        for (index, input) in node.inputs.enumerated() {
            guard case .files(let source, let selection) = input else { continue }
            if case .fetched(let identity) = results[source]?.identity {
                inputs.append(.fetched(.sha256(of: identity.description + " " + selection.description)))
            } else if case .run = node.operation, selection.isEverything, let chain = chainID(of: source) {
                // All of an image is known by its layers.
                inputs.append(.base(chain))
            } else {
                do { inputs.append(.files(try await digest(of: selection, in: source))) } catch var missing as SourceNotFound {
                    if let place = node.mountPlace(ofInput: index) { throw MissingMountSource(missing, at: place) }
                    // Counted among all sources of the instruction that are not fetched.
                    missing.source += counted
                    throw missing
                }
                counted += selection.sources.count
            }
        }
        return CacheKey(operation: node.operation, inputs: inputs, platform: solver.options.platform)
    }

    private func usableRecord(_ key: CacheKey, parent: StepResult?) async throws -> CacheRecord? {
        guard let record = try await environment.cache.record(for: key.digest), record.key == key.digest,
            record.parent == parent?.snapshot, environment.snapshotter.contains(record.result)
        else { return nil }
        // Protected first, then looked for: a prune may be at work.
        try environment.protect(record.result)
        return environment.snapshotter.contains(record.result) ? record : nil
    }

    private func digest(of selection: FileSelection, in source: Node.ID) async throws -> Digest {
        if let context = context(source) { return try await BlockingPool.run { try context().digest(of: selection) } }
        guard let snapshot = results[source]?.snapshot else { throw EmptySource() }
        let memoKey = SelectionMemo.key(tree: snapshot.name, selection)
        if let known = environment.selections.digest(for: memoKey) { return known }
        let tree = try await sourceTree(source)
        let selections = environment.selections
        return try await BlockingPool.run {
            let digest = try tree.digest(of: selection)
            try selections.save(digest, for: memoKey)
            return digest
        }
    }

    /// The context that a node is; nil when it is something else.
    private func context(_ source: Node.ID) -> (@Sendable () throws -> SourceTree)? {
        switch graph[source].operation {
        case .context: environment.context
        case .namedContext(let key): environment.namedContexts[key]
        default: nil
        }
    }

    func sourceTree(_ source: Node.ID) async throws -> SourceTree {
        if let context = context(source) { return try await BlockingPool.run { try context() } }
        if case .fetch(let remote) = graph[source].operation { return try await fetched(remote, by: graph[source]) }
        guard let snapshot = try await materialized(source) else { throw EmptySource() }
        let snapshotter = environment.snapshotter
        return try await BlockingPool.run {
            SourceTree(directory: try snapshotter.root(of: snapshot).open(), ignore: nil, memo: nil, ownership: .asFound)
        }
    }

    private func fetched(_ source: RemoteSource, by node: Node) async throws -> SourceTree {
        do { return try await environment.remote.tree(of: source) } catch let error as FetchFailure {
            throw StepFailure(node: node, underlying: error)
        }
    }

    /// The snapshot of a node, on disk: base layers are unpacked only when somebody stands on them or reads them.
    func materialized(_ id: Node.ID) async throws -> SnapshotID? {
        if case .base(let base) = graph[id].operation {
            let node = graph[id]
            let step = solver.steps[id]?.first
            return try await solver.bases.unpack(base) { done, count in
                guard step != nil else { return }
                solver.events(.activity(name: "unpacking \(base.reference.familiar)", detail: "layer \(done) of \(count)", done: done == count))
            } onFailure: { StepFailure(node: node, underlying: $0) }
        }
        return results[id]?.snapshot
    }

    private func perform(_ key: CacheKey, parent: StepResult?) async throws -> CacheRecord {
        let parentSnapshot: SnapshotID? = if let root = node.root { try await materialized(root) } else { nil }
        let clock = ContinuousClock()
        let start = clock.now
        let snapshotter = environment.snapshotter
        let writable = try await BlockingPool.run { try snapshotter.prepare(on: parentSnapshot) }
        do {
            try await perform(in: writable)
            let result = SnapshotID.random()
            let usage = try await BlockingPool.run {
                try snapshotter.commit(writable, as: result)
                return try snapshotter.changes(in: result).usage()
            }
            let seconds = (clock.now - start).inSeconds
            let record = CacheRecord(
                key: key, title: node.title, result: result, parent: parent?.snapshot,
                outcome: .init(
                    created: environment.now(), seconds: seconds, bytes: usage.bytes, isEmpty: usage.entries == 0))
            try await environment.cache.save(record)
            return record
        } catch {
            // A failed or cancelled step leaves nothing; if even that fails, recovery finds it later.
            try? await BlockingPool.run { try snapshotter.discard(writable) }
            throw error
        }
    }

    /// Of a base image.
    private func chainID(of id: Node.ID) -> ChainID? {
        if case .base(let base) = graph[id].operation { base.chainID } else { nil }
    }

    private func mountedFiles() async throws -> [Int: MountedFiles] {
        var files: [Int: MountedFiles] = [:]
        for (index, input) in node.inputs.enumerated() {
            guard case .files(let source, let selection) = input, let snapshot = try await materialized(source) else {
                continue
            }
            let digest: Digest = if selection.isEverything, let chain = chainID(of: source) {
                chain.digest
            } else {
                try await digest(of: selection, in: source)
            }
            files[index] = MountedFiles(
                snapshot: snapshot, tree: try await sourceTree(source), selection: selection, digest: digest)
        }
        return files
    }

    private func perform(in writable: WritableSnapshot) async throws {
        switch node.operation {
        case .copy(let copy): try await perform(copy, in: writable)
        case .run(let run):
            let files = run.mounts.isEmpty ? [:] : try await mountedFiles()
            try await RunPerformance(solver: solver, node: node, operation: run, files: files).run(in: writable)
        case .workdir(let workdir):
            let epoch = solver.options.sourceDateEpoch
            try await BlockingPool.run {
                try WorkdirPerformance(operation: workdir, root: try writable.root.open(), epoch: epoch).run()
            }
        case .base, .context, .namedContext, .fetch: break
        }
    }

    /// Source by source, as they are written: each input has a selection of its own. Inline files come last.
    private func perform(_ copy: CopyOperation, in writable: WritableSnapshot) async throws {
        var parts: [(operation: CopyOperation, tree: SourceTree?)] = []
        for case .files(let source, let selection) in node.inputs {
            var part = copy
            part.selection = selection
            part.inlineFiles = []
            if case .fetch = graph[source].operation { part.unpacksArchives = copy.unpacksFetchedArchives }
            parts.append((part, try await sourceTree(source)))
        }
        if parts.isEmpty { parts.append((copy, nil)) } else { parts[parts.count - 1].operation.inlineFiles = copy.inlineFiles }
        let epoch = solver.options.sourceDateEpoch
        try await BlockingPool.run { [parts] in
            let root = try writable.root.open()
            for part in parts { try CopyPerformance(operation: part.operation, source: part.tree, root: root, epoch: epoch).run() }
        }
    }
}

/// COPY --from of something without files.
struct EmptySource: Error, CustomStringConvertible {
    var description: String { "the source stage or image is empty: there is nothing to copy" }
}

extension FileSelection {
    fileprivate var isEverything: Bool { sources == ["."] && excludes.isEmpty }
}

extension Node {
    /// Where the mount is written that takes files from an input.
    fileprivate func mountPlace(ofInput index: Int) -> MountPlace? {
        guard case .run(let run) = operation else { return nil }
        let position = run.mounts.firstIndex { mount in
            switch mount {
            case .bind(let bind): bind.source?.input == index
            case .cache(let cache): cache.source?.input == index
            default: false
            }
        }
        return position.flatMap { mounts.indices.contains($0) ? mounts[$0] : nil }
    }
}

extension Duration {
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
