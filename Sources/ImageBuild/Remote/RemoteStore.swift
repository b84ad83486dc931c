import BuildContext
import BuildPlan
import BuildSolver
import Distribution
import HostSystem
import OCI
import SystemPackage

/// Files from elsewhere, kept below `remote/` of the store: a server is asked whether they changed, and what did not is
/// not fetched again. One value serves one build, through which every address keeps its meaning.
///
///     remote/lock                                shared by builds, exclusive for a prune
///     remote/http/KEY/{lock,entry.json}          what the server said last
///     remote/http/KEY/DIGEST/NAME                the file
///     remote/git/KEY/{lock,repository}           commits, bare
///     remote/git/KEY/trees/KEY                   files of one commit
final class RemoteStore: RemoteFiles {
    let root: FilePath
    let download: HTTPDownload
    let searchPath: String
    let variables: [String: String]
    let credentials: RemoteCredentials
    let events: @Sendable (BuildEvent) -> Void
    private let state = Monitor(State())

    private struct State {
        var use: FileLock?
        var files: [HTTPSource: HTTPEntry] = [:]
        var commits: [GitSource: ResolvedGitReference] = [:]
    }

    /// - Parameter secrets: those that prove to servers who asks.
    init(
        environment: BuildEnvironment, secrets: BuildSecrets = BuildSecrets(),
        events: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) {
        credentials = RemoteCredentials(secrets: secrets)
        root = environment.root.appending("remote")
        download = HTTPDownload(settings: environment.network)
        searchPath = environment.searchPath
        variables = environment.variables
        self.events = events
    }

    func identity(of source: RemoteSource, fetching: Bool) async throws -> Digest? {
        switch source {
        case .http(let http):
            // Whoever knows the content needs no server.
            if let checksum = http.checksum { return Self.identity(http, checksum, modified: nil) }
            guard let entry = try await entry(of: http, fetching: fetching) else { return nil }
            return Self.identity(http, entry.digest, modified: entry.lastModified.flatMap(HTTPDate.seconds))
        case .git(let git): return Self.identity(git, try await commit(of: git))
        }
    }

    func tree(of source: RemoteSource) async throws -> SourceTree {
        switch source {
        case .http(let http):
            let file = try await file(of: http)
            return try await BlockingPool.run {
                SourceTree(directory: try Directory(opening: file.removingLastComponent()), ownership: .root)
            }
        case .git(let git):
            let directory = try await directory(of: git)
            return SourceTree(directory: directory, ownership: .root)
        }
    }

    /// Content, name and time: all of a file that shows. A checksum stands for the content whatever the time, as in
    /// BuildKit.
    private static func identity(_ source: HTTPSource, _ digest: Digest, modified: Int64?) -> Digest {
        .sha256(of: "http\n\(source.fileName)\n\(digest)\n\(modified.map(String.init) ?? "")")
    }

    private static func identity(_ source: GitSource, _ reference: ResolvedGitReference) -> Digest {
        .sha256(of: "git\n\(reference.commit)\n\(source.subdirectory ?? "")\n" + treeOptions(source, reference))
    }

    /// What makes two trees of one commit differ.
    static func treeOptions(_ source: GitSource, _ reference: ResolvedGitReference) -> String {
        let own = source.keepsGitDirectory ? "\(source.remote) \(reference.name ?? "")" : ""
        return "git directory: \(own)\nsubmodules: \(source.takesSubmodules)\ncommit time: \(source.isDatedByCommit)"
    }

    // What was found out once is so for the whole build.
    func remembered(_ source: HTTPSource) -> HTTPEntry? { state.with { $0.files[source] } }
    func remember(_ entry: HTTPEntry, for source: HTTPSource) { state.with { $0.files[source] = entry } }
    func remembered(_ source: GitSource) -> ResolvedGitReference? { state.with { $0.commits[source] } }
    func remember(_ reference: ResolvedGitReference, for source: GitSource) { state.with { $0.commits[source] = reference } }

    /// The place of one address, made if it is missing, and its lock.
    func place(_ kind: String, _ key: String) async throws -> (path: FilePath, lock: FileLock) {
        let path = root.appending(kind).appending(Digest.sha256(of: key).hex)
        try await BlockingPool.run { [self] in
            _ = try Directory.making(path, mode: 0o700)
            guard state.with({ $0.use == nil }) else { return }
            let use = try FileLock.acquire(root.appending("lock"), .shared)
            state.with { $0.use = use }
            // A prune may have taken it away in between.
            _ = try Directory.making(path, mode: 0o700)
        }
        var pause = Duration.milliseconds(5)
        while true {
            if let lock = try FileLock.tryAcquire(path.appending("lock")) { return (path, lock) }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    /// Removes what can be fetched again; nothing while a build uses it. Returns the bytes that were freed.
    static func prune(root: FilePath, all: Bool) throws -> Int64 {
        let top = root.appending("remote")
        guard (try? FileMetadata(at: top)) != nil, let lock = try FileLock.tryAcquire(top.appending("lock")) else { return 0 }
        defer { lock.release() }
        let directory = try Directory(opening: top)
        var freed: Int64 = 0
        func remove(_ path: FilePath) throws {
            if let tree = try? directory.directory(at: path) {
                try TreeWalk.visit(tree) { entry in
                    if entry.metadata.kind == .file { freed += entry.metadata.size }
                    return .descend
                }
            }
            try directory.removeTree(path)
        }
        if all {
            for kind in ["http", "git"] { try remove(FilePath(kind)) }
            return freed
        }
        for place in (try? directory.directory(at: "http").entries()) ?? [] {
            let path = FilePath("http").appending(place.name)
            let current = HTTPEntry.read(top.appending(path.components))?.digest.hex
            for item in try directory.directory(at: path).entries() where item.kind == .directory && item.name.string != current {
                try remove(path.appending(item.name))
            }
        }
        return freed
    }
}

extension WebAddress {
    /// Shorter than an address: for progress.
    var shown: String { fileName ?? host }
}
