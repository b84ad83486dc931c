import BuildContext
import BuildPlan
import Diagnostics
import DockerfileSyntax
import Execution
import HostSystem
import OCI
import PathPatterns
import Snapshots
import SystemPackage

/// The files that an input of a RUN offers to its mounts.
struct MountedFiles: Sendable {
    var snapshot: SnapshotID
    var tree: SourceTree
    var selection: FileSelection
    var digest: Digest
}

/// Turns the mounts of a plan into mounts of a container: finds files, takes caches, reads secrets.
struct MountPreparation {
    let solver: Solver
    let node: Node
    let mounts: [PlannedMount]
    /// By the position among the node's inputs.
    let files: [Int: MountedFiles]

    private var environment: SolverEnvironment { solver.environment }

    func prepare() async throws -> PreparedMounts {
        let prepared = PreparedMounts(snapshotter: environment.snapshotter)
        do {
            for (index, mount) in mounts.enumerated() { try await prepare(mount, at: place(index), in: prepared) }
            try await takeCaches(in: prepared)
        } catch {
            try? await BlockingPool.run { prepared.close() }
            throw error
        }
        return prepared
    }

    private func place(_ index: Int) -> Node.MountPlace? {
        node.mounts.indices.contains(index) ? node.mounts[index] : nil
    }

    private func prepare(
        _ mount: PlannedMount, at place: Node.MountPlace?, in prepared: PreparedMounts
    ) async throws {
        switch mount {
        case .bind(let bind): try await prepare(bind, at: place, in: prepared)
        // 01777, as the kernel makes a tmpfs when nobody says otherwise.
        case .tmpfs(let target, let size): prepared.add(.tmpfs(sizeBytes: size, mode: 0o1777), at: target)
        case .secret(let secret): try await prepare(secret, at: place, in: prepared)
        case .agent(let agent): try await prepare(agent, at: place, in: prepared)
        case .script(let directory, let name, let content):
            prepared.add(.scripts([name: Array(content.utf8)]), at: directory)
        case .cache: break
        }
    }

    private func prepare(
        _ bind: BindMount, at place: Node.MountPlace?, in prepared: PreparedMounts
    ) async throws {
        guard let source = bind.source, let files = files[source.input] else {
            return prepared.add(bind.readOnly ? .scripts([:]) : .tmpfs(sizeBytes: nil, mode: 0o755), at: bind.target)
        }
        let snapshotter = environment.snapshotter
        try await BlockingPool.run {
            let path = try find(files, at: place).path
            let root: RootFilesystem
            if bind.readOnly {
                root = try snapshotter.root(of: files.snapshot)
            } else {
                let copy = try snapshotter.prepare(on: files.snapshot)
                prepared.hold(copy)
                root = copy.root
            }
            prepared.add(
                .filesystem(root, path: "/" + path.string, readOnly: bind.readOnly), at: bind.target)
        }
    }

    private func find(_ files: MountedFiles, at place: Node.MountPlace?) throws -> SourceMatch {
        do {
            guard let match = try files.tree.resolve(files.selection).first else {
                throw SourceNotFound(source: 0, pattern: files.selection.description)
            }
            return match
        } catch let missing as SourceNotFound { throw MissingMountSource(missing, at: place) }
    }

    // Secrets

    private func prepare(
        _ secret: SecretMount, at place: Node.MountPlace?, in prepared: PreparedMounts
    ) async throws {
        let secrets = environment.secrets
        guard let value = try await BlockingPool.run({ try secrets.value(of: secret.id) }) else {
            guard secret.required else { return }
            throw MissingCredential(
                kind: .secret, id: secret.id, given: secrets.ids, place: place)
        }
        prepared.add(secret: value, as: secret.environment)
        if let target = secret.target {
            let owner = FileOwner(uid: secret.uid, gid: secret.gid)
            prepared.add(.secret(value, owner: owner, mode: secret.mode), at: target)
        }
    }

    private func prepare(
        _ agent: AgentMount, at place: Node.MountPlace?, in prepared: PreparedMounts
    ) async throws {
        let agents = environment.agents
        guard let socket = try await BlockingPool.run({ try agents.socket(of: agent.id) }) else {
            guard agent.required else { return }
            throw MissingCredential(kind: .agent, id: agent.id, given: agents.ids, place: place)
        }
        let owner = FileOwner(uid: agent.uid, gid: agent.gid)
        prepared.add(.socket(upstream: socket.string, owner: owner, mode: agent.mode), at: agent.target)
    }

    // Caches

    private struct Wanted {
        var key: String
        var cache: CacheMount
        var place: Node.MountPlace?
    }

    /// In the order of their keys, whatever the order in the file: two steps that want the same ones never wait for
    /// each other in a circle. One that is mounted twice is taken once.
    private func takeCaches(in prepared: PreparedMounts) async throws {
        var wanted: [Wanted] = []
        for (index, mount) in mounts.enumerated() {
            guard case .cache(let cache) = mount else { continue }
            wanted.append(Wanted(key: key(of: cache), cache: cache, place: place(index)))
        }
        var taken: [String: CacheMountHold] = [:]
        for want in wanted.sorted(by: { ($0.key, $0.cache.target) < ($1.key, $1.cache.target) }) {
            let hold: CacheMountHold
            if let known = taken[want.key] { hold = known } else {
                hold = try await take(want)
                prepared.hold(hold)
            }
            taken[want.key] = hold
            prepared.add(.bind(source: hold.data.string, readOnly: want.cache.readOnly), at: want.cache.target)
        }
    }

    /// Caches that begin differently are different ones, as in BuildKit.
    private func key(of cache: CacheMount) -> String {
        var parts = [cache.id, "\(cache.mode)", "\(cache.uid)", "\(cache.gid)"]
        if let source = cache.source, let files = files[source.input] {
            parts += [files.digest.description, files.selection.description]
        }
        return Digest.sha256(of: parts.map { "\($0.utf8.count):\($0)" }.joined()).hex
    }

    private func take(_ want: Wanted) async throws -> CacheMountHold {
        let store = environment.cacheMounts
        let cache = want.cache
        let files = cache.source.flatMap { self.files[$0.input] }
        let attempt: @Sendable () throws -> CacheMountHold? = {
            try store.take(
                key: want.key, id: cache.id, sharing: cache.sharing == .shared ? .shared : .exclusive,
                mayAdd: cache.sharing != .locked
            ) { directory in
                if let files { try fill(directory, from: files, at: want.place) } else { try empty(directory, cache) }
            }
        }
        if let hold = try await BlockingPool.run(attempt) { return hold }
        let shown = cache.id.hasPrefix("/") ? String(cache.id.dropFirst()) : cache.id
        let waiting = { (done: Bool) in
            solver.events(.activity(name: "waiting for the cache mount", detail: shown, done: done))
        }
        waiting(false)
        var pause = Duration.milliseconds(5)
        while true {
            try await Task.sleep(for: pause)
            if let hold = try await BlockingPool.run(attempt) {
                waiting(true)
                return hold
            }
            pause = min(pause * 2, .milliseconds(100))
        }
    }

    private func empty(_ directory: Directory, _ cache: CacheMount) throws {
        try directory.createDirectory(at: "data", mode: 0o700)
        try directory.setOwner(at: "data", uid: cache.uid, gid: cache.gid)
        try directory.setMode(at: "data", cache.mode)
    }

    private func fill(_ directory: Directory, from files: MountedFiles, at place: Node.MountPlace?) throws {
        let source = try find(files, at: place).metadata
        let copy = CopyOperation(selection: files.selection, destination: "/data", destinationIsDirectory: false)
        var performance = try CopyPerformance(operation: copy, source: files.tree, root: directory, epoch: nil)
        try performance.run()
        // COPY gives the directory it makes no attributes of its source's; here it is the source.
        guard source.kind == .directory else { return }
        try directory.setOwner(at: "data", uid: source.uid, gid: source.gid)
        try directory.setMode(at: "data", source.mode)
    }
}

/// The source of a mount that is not there.
struct MissingMountSource: DiagnosticConvertible {
    private let missing: SourceNotFound
    private let place: Node.MountPlace?

    init(_ missing: SourceNotFound, at place: Node.MountPlace?) {
        self.missing = missing
        self.place = place
    }

    var diagnostics: [Diagnostic] {
        guard let place else { return missing.diagnostics }
        return [missing.diagnostic(at: place.source ?? place.range, instruction: "RUN --mount", in: place.place)]
    }
}

/// A secret or agent that a step requires and the command line did not give.
struct MissingCredential: DiagnosticConvertible {
    enum Kind { case secret, agent }
    let kind: Kind
    let id: String
    let given: [String]
    let place: Node.MountPlace?

    var diagnostics: [Diagnostic] {
        let label = place.map { Diagnostic.Label($0.range, "required here") }
        let near = Suggestion.nearest(to: id, among: given)
        var diagnostic = Diagnostic(.error, "", "", at: label)
        let option: String
        switch kind {
        case .secret:
            diagnostic.code = "secret-missing"
            diagnostic.message = "no secret \"\(id)\" was given to this build"
            option = "--secret"
            diagnostic.help = "pass it with --secret id=\(id),src=FILE or --secret id=\(id),env=VARIABLE"
        case .agent:
            diagnostic.code = "ssh-missing"
            diagnostic.message = "no SSH agent \"\(id)\" was given to this build"
            option = "--ssh"
            diagnostic.help = id == "default"
                ? "pass it with --ssh default, while SSH_AUTH_SOCK names an agent" : "pass it with --ssh \(id)=SOCKET or --ssh \(id)=KEYFILE"
        }
        if let near {
            diagnostic.notes = ["\(option) gave \"\(near)\": one of the two may be misspelt"]
        } else if !given.isEmpty {
            diagnostic.notes = ["\(option) gave \(given.map { "\"\($0)\"" }.joined(separator: ", "))"]
        }
        return [diagnostic]
    }
}
