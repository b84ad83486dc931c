import HostSystem
package import SystemPackage

/// The SSH agents that the command line gave, by id: sockets of agents that run, or private keys, for which an agent of
/// our own is started when the first step asks for it. It ends with this object, and with this process.
package final class BuildAgents: Sendable {
    package enum Source: Sendable, Hashable {
        case socket(FilePath)
        case keys([FilePath])
    }

    private struct Running {
        var program: BackgroundProgram
        var directory: TemporaryDirectory
    }

    private let sources: [String: Source]
    /// Where to look for ssh-agent and ssh-add.
    private let searchPath: String
    private let running = Monitor<[String: Running]>([:])

    package init(_ sources: [String: Source] = [:], searchPath: String = "") {
        self.sources = sources
        self.searchPath = searchPath
    }

    package var ids: [String] { sources.keys.sorted() }

    /// Ends the agents that were started.
    package func close() {
        let ended = running.with { running in
            defer { running = [:] }
            return running
        }
        withExtendedLifetime(ended) {}
    }

    /// Where the agent listens; nil when there is none of that name. Blocks.
    func socket(of id: String) throws -> FilePath? {
        switch sources[id] {
        case nil: return nil
        case .socket(let path): return path
        case .keys(let keys):
            // Held while it starts: another step that asks meanwhile needs the same one.
            return try running.with { running in
                if let known = running[id] { return known.directory.path.appending("agent") }
                let made = try start(keys, id)
                running[id] = made
                return made.directory.path.appending("agent")
            }
        }
    }

    private func start(_ keys: [FilePath], _ id: String) throws -> Running {
        guard let agent = HostFacts.program("ssh-agent", searchPath: searchPath),
            let add = HostFacts.program("ssh-add", searchPath: searchPath)
        else {
            throw AgentError(id, "the host has no ssh-agent and ssh-add", help: "install them: apt-get install openssh-client")
        }
        let directory = try TemporaryDirectory(prefix: "jettison-ssh-")
        let socket = directory.path.appending("agent")
        // ssh-agent gives up its tie to this process where it is installed set-group-id; a shell keeps it, and takes the
        // agent with it as the first process of a pid namespace.
        let program = try BackgroundProgram(
            ContainerSpawn(
                "/bin/sh", arguments: ["sh", "-c", "\"$0\" -D -a \"$1\" & wait", agent.string, socket.string],
                environment: ["PATH=" + searchPath], isolation: .init()))
        try wait(for: socket, id)
        for key in keys { try self.add(key, with: add, to: socket, id) }
        return Running(program: program, directory: directory)
    }

    private func wait(for socket: FilePath, _ id: String) throws {
        for _ in 0..<1000 {
            if (try? FileMetadata(at: socket))?.kind == .socket { return }
            BlockingPool.pause(milliseconds: 5)
        }
        throw AgentError(id, "ssh-agent does not start")
    }

    private func add(_ key: FilePath, with program: FilePath, to socket: FilePath, _ id: String) throws {
        var said: [UInt8] = []
        // No terminal and nothing to ask with: a key with a passphrase fails instead of waiting for one.
        let exit = try Spawner().run(
            ContainerSpawn(
                program, arguments: ["ssh-add", "--", key.string],
                environment: ["SSH_AUTH_SOCK=" + socket.string, "SSH_ASKPASS_REQUIRE=never", "PATH=" + searchPath]),
            cancellation: SpawnCancellation()
        ) { said += $1.prefix(2000) }
        guard exit != .exited(0) else { return }
        let reason = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline).last.map(String.init)
        throw AgentError(
            id, "ssh-add does not take \(key): \(reason ?? "\(exit)")",
            help: "a key with a passphrase has to be in your own agent: ssh-add \(key), then --ssh \(id)")
    }
}

/// An agent that cannot be had.
struct AgentError: Error, CustomStringConvertible {
    let description: String
    let help: String?
    init(_ id: String, _ why: String, help: String? = nil) {
        description = "SSH agent \"\(id)\": \(why)"
        self.help = help
    }
}
