import BuildContext
package import BuildPlan
import BuildSolver
import Diagnostics
import Distribution
import HostSystem
import OCI
import SystemPackage

/// Gets the context and its Dockerfile, from wherever they are.
struct ContextOpening {
    let environment: BuildEnvironment
    let remote: RemoteStore

    /// Throws the ignore file's errors too: going on without its rules would copy what they keep out.
    func open(_ request: BuildRequest) async throws -> ContextSource {
        let source = try await source(of: request)
        guard !source.diagnostics.contains(where: { $0.severity == .error }) else {
            throw DiagnosticsError(source.diagnostics)
        }
        return source
    }

    private func source(of request: BuildRequest) async throws -> ContextSource {
        let (memos, temporary) = (environment.contexts, environment.root.appending("tmp"))
        if case .directory = request.context {} else { _ = try Directory.making(temporary) }
        let choice = try await choice(of: request)
        switch request.context {
        case .directory(let path):
            return try await BlockingPool.run { try ContextSource(directory: FilePath(path), dockerfile: choice, memos: memos) }
        case .standardInput(let file):
            return try await BlockingPool.run {
                try ContextSource(archive: FilePath(file), dockerfile: choice, temporary: temporary)
            }
        case .url(let text):
            switch try RemoteContext.parse(text) {
            case .git(var git)?:
                if request.keepsGitDirectory { git.keepsGitDirectory = true }
                let directory = try await remote.directory(of: git)
                return try await BlockingPool.run { try ContextSource(fetched: directory, dockerfile: choice, memos: memos) }
            case .http(let http)?:
                let file = try await remote.file(of: http)
                return try await BlockingPool.run {
                    try ContextSource(archive: file, dockerfile: choice, temporary: temporary, from: http.address.redacted)
                }
            case nil:
                throw FetchFailure(code: "context-not-found", message: "\"\(text)\" is neither a URL nor a git repository")
            }
        }
    }

    private func choice(of request: BuildRequest) async throws -> ContextSource.DockerfileChoice {
        if let text = request.dockerfileText { return .text(text) }
        guard let name = request.dockerfile else { return .standard }
        guard let http = try RemoteContext.file(name) else { return .path(FilePath(name)) }
        let path = try await remote.file(of: http)
        let bytes = try await BlockingPool.run { try File(opening: path).readAll(limit: 16 << 20) }
        return .text(SourceFile(name: http.address.redacted, text: String(decoding: bytes, as: UTF8.self)))
    }
}

/// Addresses where a directory or a file name could stand.
package enum RemoteContext {
    /// nil when the text names something on this machine.
    package static func parse(_ text: String) throws -> RemoteSource? {
        do {
            if let git = try GitSource.parse(text, allowingBareGitHub: true) { return .git(git) }
            return try HTTPSource.parse(text).map { .http(named("context", $0)) }
        } catch { throw FetchFailure(code: "context-not-found", message: error.message, help: error.help) }
    }

    /// A single file: `-f URL`.
    static func file(_ text: String) throws -> HTTPSource? {
        do { return try HTTPSource.parse(text).map { named("Dockerfile", $0) } } catch {
            throw FetchFailure(code: "dockerfile-not-found", message: error.message, help: error.help)
        }
    }

    private static func named(_ name: String, _ source: HTTPSource) -> HTTPSource {
        HTTPSource(address: source.address, fileName: name)
    }
}

extension BuildRequest {
    /// Whether the context or the Dockerfile is elsewhere.
    package var fetches: Bool {
        if case .url = context { return true }
        return dockerfile.map { (try? RemoteContext.file($0)) != nil } ?? false
    }

    /// The build argument BUILDKIT_CONTEXT_KEEP_GIT_DIR.
    fileprivate var keepsGitDirectory: Bool {
        let value = buildArguments.last { $0.name == "BUILDKIT_CONTEXT_KEEP_GIT_DIR" }?.value?.lowercased()
        return value.map { ["1", "t", "true"].contains($0) } ?? false
    }
}
