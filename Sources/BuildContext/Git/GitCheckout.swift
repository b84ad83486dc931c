import Diagnostics
package import HostSystem
package import SystemPackage

/// A commit's way from a server into a directory, through a bare repository that is kept.
package struct GitCheckout: Sendable {
    package var git: GitTool
    package var remote: String
    package var credentials: GitCredentials?
    package var keepsGitDirectory: Bool
    package var takesSubmodules: Bool
    package var isDatedByCommit: Bool

    package init(
        git: GitTool, remote: String, credentials: GitCredentials?, keepsGitDirectory: Bool, takesSubmodules: Bool,
        isDatedByCommit: Bool
    ) {
        self.git = git
        self.remote = remote
        self.credentials = credentials
        self.keepsGitDirectory = keepsGitDirectory
        self.takesSubmodules = takesSubmodules
        self.isDatedByCommit = isDatedByCommit
    }

    /// Brings the commit into the repository, as little more as the server allows. The caller holds the repository's lock.
    package func fetch(_ reference: ResolvedGitReference, into repository: FilePath) async throws {
        if (try? FileMetadata(at: repository.appending("HEAD"))) == nil {
            _ = try Directory.making(repository.removingLastComponent(), mode: 0o700)
            try await git.require(
                ["init", "--quiet", "--bare", "--template=", "--", repository.string], doing: "make a repository")
        }
        if try await has(reference, in: repository) { return }
        // By its id: the tip may move between the question and this. One commit deep.
        let shallow = try await git.run(
            Self.fetching(["--depth=1"], remote, [reference.object]), in: repository, reach: .network, credentials: credentials)
        if shallow.exit == 0, try await has(reference, in: repository) { return }
        // A server that serves files only (no shallow) or tips only: everything, then.
        let full = try await git.run(
            Self.fetching([], remote, ["+refs/heads/*:refs/fetched/heads/*", "+refs/tags/*:refs/fetched/tags/*"]),
            in: repository, reach: .network, credentials: credentials)
        if try await has(reference, in: repository) { return }
        guard full.exit == 0 else { throw GitError.unreachable(says: GitError.words(full.errors)) }
        throw GitError.commitNotFound(reference.commit)
    }

    private static func fetching(_ options: [String], _ remote: String, _ refs: [String]) -> [String] {
        ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"] + options + ["--", remote] + refs
    }

    private func has(_ reference: ResolvedGitReference, in repository: FilePath) async throws -> Bool {
        guard try await git.run(["cat-file", "-e", reference.commit + "^{commit}"], in: repository).exit == 0 else { return false }
        // The tag itself, which may have come without it.
        if reference.object == reference.commit { return true }
        return try await git.run(["cat-file", "-e", reference.object], in: repository).exit == 0
    }

    /// Writes the commit's files below `target`, an empty directory. Modes are 0755 and 0644 whatever the umask is.
    package func write(_ reference: ResolvedGitReference, from repository: FilePath, into target: FilePath) async throws {
        let commit = reference.commit
        let hasSubmodules = try await git.run(["cat-file", "-e", commit + ":.gitmodules"], in: repository).exit == 0
        if keepsGitDirectory || (hasSubmodules && takesSubmodules) {
            try await clone(reference, from: repository, into: target, submodules: hasSubmodules && takesSubmodules)
        } else {
            let index = target.removingLastComponent().appending("index")
            try await git.require(["read-tree", commit], in: repository, index: index, doing: "read the commit")
            try await git.require(
                ["--work-tree=" + target.string, "checkout-index", "--all", "--force", "--quiet"], in: repository,
                index: index, doing: "check the commit out")
        }
        var time: Timestamp?
        if isDatedByCommit {
            let text = try await git.require(
                ["show", "--no-patch", "--no-show-signature", "--format=%ct", commit], in: repository, doing: "read the commit's time").text
            time = Int64(text.prefix { $0 != "\n" }).map { Timestamp(seconds: $0) }
        }
        let (keeps, date) = (keepsGitDirectory, time)
        try await BlockingPool.run { try GitTree.normalize(target, keepsGitDirectory: keeps, time: date) }
    }

    /// A repository of its own around the files: for `.git`, and for submodules, which git checks out only into one.
    private func clone(
        _ reference: ResolvedGitReference, from repository: FilePath, into target: FilePath, submodules: Bool
    ) async throws {
        try await git.require(["init", "--quiet", "--template=", "--", target.string], doing: "make a repository")
        try await git.require(
            Self.fetching(["--depth=1"], "file://" + repository.string, [reference.object]), in: target, reach: .ownFiles,
            doing: "copy the commit")
        if let name = reference.name, name.hasPrefix("refs/heads/") || name.hasPrefix("refs/tags/") {
            try await git.require(["update-ref", name, reference.object], in: target, doing: "name the commit")
        }
        try await git.require(["remote", "add", "origin", remote], in: target, doing: "note the origin")
        try await git.require(
            ["checkout", "--quiet", "--force", "--detach", reference.commit, "--"], in: target, doing: "check the commit out")
        guard submodules else { return }
        let output = try await git.run(
            ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"], in: target, reach: .network,
            credentials: credentials)
        guard output.exit != 0 else { return }
        // Servers without shallow fetches.
        let whole = try await git.run(
            ["submodule", "--quiet", "update", "--init", "--recursive", "--force"], in: target, reach: .network, credentials: credentials)
        guard whole.exit == 0 else { throw GitError.failed("fetch its submodules", says: GitError.words(whole.errors)) }
    }
}

/// Checked-out files as every machine has them.
enum GitTree {
    static func normalize(_ path: FilePath, keepsGitDirectory: Bool, time: Timestamp?) throws {
        let root = try Directory(opening: path)
        var directories: [FilePath] = []
        var gitFiles: [FilePath] = []
        try TreeWalk.visit(root) { entry in
            // Nothing in a repository can have that name: it is git's own, at the top or of a submodule.
            if entry.path.lastComponent?.string == ".git" {
                if !keepsGitDirectory { gitFiles.append(entry.path) }
                return .skip
            }
            switch entry.metadata.kind {
            case .directory:
                directories.append(entry.path)
                try root.setMode(at: entry.path, 0o755)
            case .file:
                try root.setMode(at: entry.path, entry.metadata.mode & 0o100 != 0 ? 0o755 : 0o644)
                if let time { try root.setTimes(at: entry.path, modified: time) }
            default: if let time { try root.setTimes(at: entry.path, modified: time) }
            }
            return .descend
        }
        for file in gitFiles { try root.removeTree(file) }
        if keepsGitDirectory { try? root.removeTree(".git/FETCH_HEAD") }
        if let time { for directory in directories.reversed() { try root.setTimes(at: directory, modified: time) } }
        try root.setMode(at: ".", 0o755)
        if let time { try root.setTimes(at: ".", modified: time) }
    }
}

extension GitError {
    /// That the subdirectory of a checkout is none; with what it may have been.
    package static func noSubdirectory(_ path: String, in tree: Directory) -> GitError {
        var parent = FilePath(path)
        let isFile = (try? tree.metadata(at: parent, followLast: true)) != nil
        parent.removeLastComponent()
        let name = FilePath(path).lastComponent?.string ?? ""
        let place = parent.isEmpty ? tree : (try? tree.directory(at: parent)) ?? tree
        let names = ((try? place.entries()) ?? []).filter { $0.kind == .directory && $0.name.string != ".git" }.map(\.name.string)
        let near = Suggestion.nearest(to: name, among: names.sorted()).map { parent.isEmpty ? $0 : parent.appending($0).string }
        return .subdirectoryNotFound(path, near: near, isFile: isFile)
    }
}
