import BuildContext
import BuildPlan
import BuildSolver
import Distribution
import HostSystem
import OCI
import SystemPackage

extension RemoteStore {
    /// The commit that the source names now.
    func commit(of source: GitSource) async throws -> ResolvedGitReference {
        if let known = remembered(source) { return known }
        return try await explained(source) {
            let tool = try tool()
            let found = try await tool.resolve(source.ref, of: source.remote, credentials: credentials.git(source))
            if let checksum = source.checksum, !found.commit.hasPrefix(checksum), !found.object.hasPrefix(checksum) {
                throw GitError.otherCommit(expected: checksum, found: found.commit, ref: source.ref)
            }
            remember(found, for: source)
            return found
        }
    }

    /// Its files, in a directory nobody writes to.
    func directory(of source: GitSource) async throws -> Directory {
        let reference = try await commit(of: source)
        let (place, lock) = try await place("git", source.remote + "\n" + (source.userInfo ?? ""))
        defer { lock.release() }
        let key = Digest.sha256(of: reference.commit + "\n" + Self.treeOptions(source, reference)).hex
        let path = place.appending("trees").appending(key)
        return try await explained(source) {
            if (try? FileMetadata(at: path)) == nil { try await check(out: reference, of: source, in: place, as: path) }
            return try await BlockingPool.run {
                let tree = try Directory(opening: path)
                guard let subdirectory = source.subdirectory else { return tree }
                do { return try tree.directory(at: FilePath(subdirectory)) } catch {
                    throw GitError.noSubdirectory(subdirectory, in: tree)
                }
            }
        }
    }

    private func check(
        out reference: ResolvedGitReference, of source: GitSource, in place: FilePath, as path: FilePath
    ) async throws {
        let activity = "fetching \(GitSource(remote: source.remote).description)"
        events(.activity(name: activity, detail: String(reference.commit.prefix(12)), done: false))
        let checkout = GitCheckout(
            git: try tool(), remote: source.remote, credentials: try credentials.git(source),
            keepsGitDirectory: source.keepsGitDirectory, takesSubmodules: source.takesSubmodules,
            isDatedByCommit: source.isDatedByCommit)
        let repository = place.appending("repository")
        try await checkout.fetch(reference, into: repository)
        let trees = try Directory.making(place.appending("trees"), mode: 0o700)
        let making = try TemporaryDirectory(in: place, prefix: "checkout-")
        try making.directory.createDirectory(at: "tree", mode: 0o755)
        try await checkout.write(reference, from: repository, into: making.path.appending("tree"))
        guard let name = path.lastComponent else { return }
        try making.directory.rename("tree", to: FilePath(root: nil, [name]), in: trees)
        events(.activity(name: activity, detail: "done", done: true))
    }

    private func tool() throws -> GitTool { try GitTool(searchPath: searchPath, variables: variables) }

    private func explained<T>(_ source: GitSource, _ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as GitError { throw FetchFailure(error, at: source) }
    }
}

extension FetchFailure {
    init(_ error: GitError, at source: GitSource) {
        let place = GitSource(remote: source.remote).description
        switch error {
        case .missing:
            self.init(
                code: "git-missing", message: "git is needed for \(place), and it is not installed",
                help: "install it: apt-get install git")
        case .failed(let action, let says):
            self.init(code: "fetch-failed", message: "git cannot \(action) of \(place): \(says)")
        case .unreachable(let says):
            self.init(code: "fetch-failed", message: "\(place) cannot be reached: \(says)", help: Self.help(for: says))
        case .refNotFound(let name, let near, let known):
            var notes: [String] = []
            if near == nil, !known.isEmpty {
                notes = ["it has: " + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", …" : "")]
            }
            self.init(
                code: "git-ref-not-found", message: "\(place) has no branch or tag \"\(name)\"", notes: notes,
                help: near.map { "did you mean \"\($0)\"?" }
                    ?? ((7..<40).contains(name.utf8.count) && name.allSatisfy(\.isHexDigit) ? "write the whole id of the commit: 40 digits" : nil))
        case .commitNotFound(let id):
            self.init(code: "git-ref-not-found", message: "\(place) has no commit \(id)", help: "only commits that a branch or a tag leads to can be fetched")
        case .otherCommit(let expected, let found, let ref):
            self.init(
                code: "checksum-mismatch", message: "\(ref.map { "\"\($0)\" of " } ?? "")\(place) is not the commit that is expected",
                notes: ["expected \(expected)", "found    \(found)"],
                help: "if the new commit is right, write its id", concernsChecksum: true)
        case .subdirectoryNotFound(let path, let near, let isFile):
            self.init(
                code: "git-subdirectory-not-found",
                message: isFile ? "\"\(path)\" in \(place) is not a directory" : "\(place) has no directory \"\(path)\"",
                help: near.map { "did you mean \"\($0)\"?" })
        case .empty: self.init(code: "git-ref-not-found", message: "\(place) is empty: it has no commit yet")
        }
    }

    private static func help(for says: String) -> String? {
        if says.contains("could not read Username") || says.contains("Authentication failed") || says.contains("403") {
            return "check the address; a private repository needs credentials"
        }
        if says.contains("Host key verification failed") { return "connect once by hand, so that ssh knows the host: ssh HOST" }
        if says.contains("Permission denied (publickey") { return "load a key the server knows into the ssh agent: ssh-add" }
        return nil
    }
}
