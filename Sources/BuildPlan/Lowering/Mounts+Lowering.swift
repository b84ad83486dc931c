import Diagnostics
import DockerfileSyntax
import PathPatterns

/// The mounts of one RUN while they are lowered: what they are, where they are written, and the node's inputs.
struct RunMounts {
    let run: Run
    let site: LoweringSite
    var inputs: [Node.Input]
    private(set) var operations: [PlannedMount] = []
    private(set) var places: [Node.MountPlace] = []
    /// Where the first agent's socket is.
    private(set) var firstAgent: String?
    /// How many sockets have no target of their own.
    var agents = 0

    init(run: Run, site: LoweringSite, inputs: [Node.Input]) {
        self.run = run
        self.site = site
        self.inputs = inputs
    }

    mutating func add(_ mount: PlannedMount, _ place: Node.MountPlace) {
        operations.append(mount)
        places.append(place)
        if case .agent(let agent) = mount {
            agents += 1
            if firstAgent == nil { firstAgent = agent.target }
        }
    }

    mutating func add(_ script: PlannedMount, at run: Run) {
        add(script, Node.MountPlace(range: run.range, source: nil, place: "the Dockerfile"))
    }
}

extension Planner {
    /// How the title of a step begins that copies what a RUN mounts from the context.
    package static let mountTitle = "RUN --mount from the context: "
}

extension Planning {
    mutating func add(_ mounts: inout RunMounts, state: StageState) throws(DiagnosticsError) {
        for (index, mount) in mounts.run.mounts.enumerated() {
            var found: [Diagnostic] = []
            var warnings: [UndefinedVariable] = []
            let scope = state.scope
            let request = mount.request(problems: &found) { word throws(DiagnosticsError) in
                try word.expanded(in: scope) { warnings.append($0) }
            }
            for variable in warnings { warn(of: variable, state: state) }
            guard let request else { throw DiagnosticsError(found) }
            try add(request, position: index, to: &mounts, state: state)
        }
    }

    private mutating func add(
        _ request: MountRequest, position: Int, to mounts: inout RunMounts, state: StageState
    ) throws(DiagnosticsError) {
        let origin = mounts.site.mountOrigins[position]
        let place = Node.MountPlace(
            range: request.range, source: request.source?.range,
            place: request.kind == .cache && origin == nil ? "an empty cache" : place(of: origin))
        let planned: PlannedMount
        switch request.kind {
        case .bind:
            let target = try target(of: request, state: state)
            let source = try source(of: request, from: origin, in: &mounts)
            planned = .bind(BindMount(source: source, target: target, readOnly: request.readOnly))
        case .cache: planned = .cache(try cache(request, from: origin, in: &mounts, state: state))
        case .tmpfs:
            let size = request.size.flatMap { $0 > 0 ? $0 : nil }
            planned = .tmpfs(target: try target(of: request, state: state), sizeBytes: size)
        case .secret: planned = .secret(try secret(request, state: state))
        case .ssh:
            let target = request.target.map { state.absolute($0.text) } ?? "/run/buildkit/ssh_agent.\(mounts.agents)"
            var agent = AgentMount(id: request.id?.text ?? "default", target: target, required: request.required)
            agent.mode = request.mode ?? agent.mode
            agent.uid = request.uid ?? agent.uid
            agent.gid = request.gid ?? agent.gid
            planned = .agent(agent)
        }
        if let target = planned.target { try check(target, of: request) }
        mounts.add(planned, place)
    }

    /// Absolute. Without one a mount covers the working directory, as in BuildKit.
    private func target(of request: MountRequest, state: StageState) throws(DiagnosticsError) -> String {
        let path = state.absolute(request.target?.text ?? ".")
        guard path == "/", request.target == nil else { return path }
        throw DiagnosticsError(
            Diagnostic(.error, "mount-target-missing", "this mount has no target", at: request.range,
                help: "say where it is to be seen: target=/path"))
    }

    private func check(_ target: String, of request: MountRequest) throws(DiagnosticsError) {
        guard target == "/" else { return }
        throw DiagnosticsError(
            Diagnostic(.error, "mount-target-invalid", "nothing can be mounted over the root", at: request.target?.range ?? request.range,
                help: "choose a directory below it: target=/mnt"))
    }

    private mutating func cache(
        _ request: MountRequest, from origin: Outline.Origin?, in mounts: inout RunMounts, state: StageState
    ) throws(DiagnosticsError) -> CacheMount {
        let target = try target(of: request, state: state)
        let id = request.id?.text ?? PathCleaning.clean(request.target?.text ?? "")
        var cache = CacheMount(
            id: (arguments.given["BUILDKIT_CACHE_MOUNT_NS"] ?? "") + "/" + id, target: target,
            sharing: request.sharing ?? .shared, readOnly: request.readOnly)
        if origin != nil { cache.source = try source(of: request, from: origin, in: &mounts) }
        cache.mode = request.mode ?? cache.mode
        cache.uid = request.uid ?? cache.uid
        cache.gid = request.gid ?? cache.gid
        return cache
    }

    private func secret(_ request: MountRequest, state: StageState) throws(DiagnosticsError) -> SecretMount {
        let named = request.source?.text ?? request.id?.text
        let id = named ?? request.target.map { Self.lastPart(of: $0.text) } ?? ""
        guard !id.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "mount-secret-unnamed", "this mount does not say which secret", at: request.range,
                    help: "write id=NAME, and give the secret with --secret id=NAME,src=FILE"))
        }
        var target = request.target.map { state.absolute($0.text) }
        if target == nil, request.environment == nil { target = "/run/secrets/" + Self.lastPart(of: id) }
        var secret = SecretMount(
            id: id, target: target, environment: request.environment?.text, required: request.required)
        secret.mode = request.mode ?? secret.mode
        secret.uid = request.uid ?? secret.uid
        secret.gid = request.gid ?? secret.gid
        return secret
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Files of the context are copied first, so that nothing ignored is to be seen and everything belongs to 0:0; a
    /// copy whose files did not change is there already.
    private mutating func source(
        of request: MountRequest, from origin: Outline.Origin?, in mounts: inout RunMounts
    ) throws(DiagnosticsError) -> MountSource? {
        let path = PathCleaning.clean("/" + (request.source?.text ?? ""))
        // Not a pattern: what could be taken for one is escaped.
        let literal = path.reduce(into: "") { $0 += "\\*?[".contains($1) ? "\\\($1)" : String($1) }
        let selection = FileSelection(sources: [literal])
        switch origin {
        case nil: return copied(graph.node(.context, origin: nil, title: "context"), path, selection, request, origin, &mounts)
        case .context(let key):
            let context = graph.node(.namedContext(key), origin: request.range, title: "context " + key)
            return copied(context, path, selection, request, origin, &mounts)
        case .scratch?, .stage?, .image?: break
        }
        guard let node = mountedNode(origin) else {
            guard path != "/" else { return nil }
            throw DiagnosticsError(
                Diagnostic(.error, "mount-source-empty", "there is no \"\(path)\": \(place(of: origin)) is empty",
                    at: request.source?.range ?? request.range))
        }
        mounts.inputs.append(.files(node, selection))
        return MountSource(input: mounts.inputs.count - 1, path: path)
    }

    private mutating func copied(
        _ context: Node.ID, _ path: String, _ selection: FileSelection, _ request: MountRequest,
        _ origin: Outline.Origin?, _ mounts: inout RunMounts
    ) -> MountSource {
        let copy = CopyOperation(selection: selection, destination: "/source", destinationIsDirectory: false)
        let sources = Node.Sources(ranges: [request.source?.range ?? request.range], place: place(of: origin))
        let node = graph.node(
            .copy(copy), inputs: [.files(context, selection)],
            .init(origin: request.range, title: Planner.mountTitle + path, sources: sources))
        mounts.inputs.append(.files(node, FileSelection(sources: ["source"])))
        return MountSource(input: mounts.inputs.count - 1, path: "/source")
    }

    /// nil: there are no files.
    private mutating func mountedNode(_ origin: Outline.Origin?) -> Node.ID? {
        switch origin {
        case nil, .scratch, .context: nil
        case .stage(let index): ends[index]?.root
        case .image(let need): bases[need.key].flatMap { baseNode($0, origin: need.range) }
        }
    }
}
