package import HostSystem
import OCI
package import SystemPackage

/// The host's git, started without a shell and without anything of the user's configuration: no hooks, no prompts, no
/// credential helpers, only the protocols that are named here.
package struct GitTool: Sendable {
    /// Like PATH.
    package var searchPath: String
    /// What git is told of the user's environment: proxies, the ssh agent, authorities to trust.
    package var variables: [String: String]
    private let spawner: Spawner

    package init(searchPath: String, variables: [String: String]) throws(SystemError) {
        self.searchPath = searchPath
        let names = [
            "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSH_AUTH_SOCK",
        ]
        self.variables = variables.filter { names.contains($0.key) && !$0.value.isEmpty }
        if let file = variables["SSL_CERT_FILE"], !file.isEmpty { self.variables["GIT_SSL_CAINFO"] = file }
        spawner = try Spawner()
    }

    /// Which transports a call may use.
    package enum Reach: String, Sendable {
        case network = "http:https:ssh:git"
        /// A repository of ours.
        case ownFiles = "file"
        case nothing = "none"
    }

    package struct Output: Sendable {
        package var bytes: [UInt8]
        package var errors: String
        package var exit: Int32
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// What a repository has to say fits into it.
    private static let mostOutput = 64 << 20

    /// Runs git to its end; whatever its exit code. Cancelling the task kills it and all that it started.
    package func run(
        _ arguments: [String], in directory: FilePath = "/", reach: Reach = .nothing, credentials: GitCredentials? = nil,
        index: FilePath? = nil
    ) async throws -> Output {
        let spawn = ContainerSpawn(
            try executable(), arguments: ["git"] + Self.settings + arguments,
            environment: environment(reach, credentials, index), workingDirectory: directory, streams: .captured,
            isolation: HostIdentity.canMount ? ContainerSpawn.Isolation() : nil)
        let cancellation = SpawnCancellation()
        let spawner = spawner
        return try await withTaskCancellationHandler {
            let output = try await BlockingPool.run {
                var output = Output(bytes: [], errors: "", exit: 0)
                var errors: [UInt8] = []
                let exit = try spawner.run(spawn, cancellation: cancellation) { stream, bytes in
                    switch stream {
                    case .stdout:
                        output.bytes += bytes
                        if output.bytes.count > Self.mostOutput { cancellation.cancel() }
                    case .stderr: if errors.count < 1 << 20 { errors += bytes }
                    }
                }
                output.exit = if case .exited(let code) = exit { code } else { -1 }
                output.errors = String(decoding: errors, as: UTF8.self)
                return output
            }
            try Task.checkCancellation()
            return output
        } onCancel: { cancellation.cancel() }
    }

    /// Like `run`, for a call that has to work.
    @discardableResult
    package func require(
        _ arguments: [String], in directory: FilePath = "/", reach: Reach = .nothing, credentials: GitCredentials? = nil,
        index: FilePath? = nil, doing action: String
    ) async throws -> Output {
        let output = try await run(arguments, in: directory, reach: reach, credentials: credentials, index: index)
        guard output.exit == 0 else { throw GitError.failed(action, says: GitError.words(output.errors)) }
        return output
    }

    private static let settings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null", "core.excludesFile=/dev/null",
        "init.defaultBranch=main", "advice.detachedHead=false", "gc.auto=0", "maintenance.auto=false",
        "core.logAllRefUpdates=false", "protocol.version=2", "transfer.fsckObjects=false", "core.untrackedCache=false",
        "submodule.fetchJobs=2", "http.lowSpeedLimit=1", "http.lowSpeedTime=60",
    ].flatMap { ["-c", $0] }

    private func environment(_ reach: Reach, _ credentials: GitCredentials?, _ index: FilePath?) -> [String] {
        var all = variables
        all["PATH"] = searchPath.isEmpty ? "/usr/local/bin:/usr/bin:/bin" : searchPath
        all["HOME"] = "/nonexistent"
        all["LC_ALL"] = "C"
        all["GIT_CONFIG_NOSYSTEM"] = "1"
        all["GIT_CONFIG_GLOBAL"] = "/dev/null"
        all["GIT_ATTR_NOSYSTEM"] = "1"
        all["GIT_TERMINAL_PROMPT"] = "0"
        all["GIT_ALLOW_PROTOCOL"] = reach.rawValue
        all["GIT_PROTOCOL_FROM_USER"] = "0"
        all["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o ConnectTimeout=20"
        all["GIT_LFS_SKIP_SMUDGE"] = "1"
        if let index { all["GIT_INDEX_FILE"] = index.string }
        // In the environment, which only this user can read: arguments are everybody's to see.
        if reach == .network, let credentials {
            all["GIT_CONFIG_COUNT"] = "1"
            all["GIT_CONFIG_KEY_0"] = "http.\(credentials.scope).extraHeader"
            all["GIT_CONFIG_VALUE_0"] = "Authorization: " + credentials.authorization
        }
        return all.map { $0.key + "=" + $0.value }.sorted()
    }

    private func executable() throws -> FilePath {
        for directory in searchPath.split(separator: ":").map(String.init) + ["/usr/local/bin", "/usr/bin", "/bin"] {
            let path = FilePath(directory).appending("git")
            if let found = try? FileMetadata(at: path), found.kind != .directory, found.mode & 0o111 != 0 { return path }
        }
        throw GitError.missing
    }
}

/// What proves to an http server who asks.
package struct GitCredentials: Sendable {
    /// Scheme, host and port that it is for.
    package var scope: String
    /// Value of the `Authorization` header.
    package var authorization: String
    package init(scope: String, authorization: String) {
        self.scope = scope
        self.authorization = authorization
    }
}

/// Why a tree could not be had from a repository.
package enum GitError: Error, Sendable, Hashable {
    case missing
    case failed(_ action: String, says: String)
    case unreachable(says: String)
    /// `near` is what the name may have meant.
    case refNotFound(String, near: String?, known: [String])
    case commitNotFound(String)
    case otherCommit(expected: String, found: String, ref: String?)
    case subdirectoryNotFound(String, near: String?, isFile: Bool)
    case empty

    /// The lines that say why, without the noise around them.
    static func words(_ errors: String) -> String {
        let lines = errors.split { $0 == "\n" || $0 == "\r" }.map { WebAddress.redacting(String($0)) }
        let marks = ["fatal: ", "error: ", "remote: ", "ssh: "]
        var telling: [String] = []
        for line in lines {
            guard let mark = marks.first(where: line.hasPrefix) else { continue }
            telling.append(String(line.dropFirst(mark.count)))
        }
        let text = (telling.isEmpty ? Array(lines.suffix(3)) : Array(telling.prefix(3))).joined(separator: "; ")
        return String(text.filter { !$0.isNewline && $0 >= " " }.prefix(400))
    }
}
