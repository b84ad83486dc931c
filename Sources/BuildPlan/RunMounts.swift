package import DockerfileSyntax

/// What a RUN sees beside its root, fully expanded. Data, as every operation: all of it is in the key, and none of it is
/// secret.
package enum PlannedMount: Hashable, Sendable {
    case bind(BindMount)
    case cache(CacheMount)
    case tmpfs(target: String, sizeBytes: Int64?)
    case secret(SecretMount)
    case agent(AgentMount)
    /// A file whose bytes are in the Dockerfile, executable, in a directory of its own: the script of a RUN heredoc.
    case script(directory: String, name: String, content: String)

    /// In the container; nil for a secret that is only a variable.
    package var target: String? {
        switch self {
        case .bind(let bind): bind.target
        case .cache(let cache): cache.target
        case .tmpfs(let target, _): target
        case .secret(let secret): secret.target
        case .agent(let agent): agent.target
        case .script(let directory, _, _): directory
        }
    }
}

/// A file or directory that a mount takes from a stage, an image or the context.
package struct MountSource: Hashable, Sendable {
    /// Which of the node's inputs has it.
    package var input: Int
    /// In it, absolute and cleaned; not a pattern.
    package var path: String
    package init(input: Int, path: String) {
        self.input = input
        self.path = path
    }
}

package struct BindMount: Hashable, Sendable {
    /// nil: an empty directory, from something that has no files.
    package var source: MountSource?
    package var target: String
    /// Otherwise writes go nowhere: the next step does not see them.
    package var readOnly: Bool
    package init(source: MountSource?, target: String, readOnly: Bool) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}

package struct CacheMount: Hashable, Sendable {
    /// With its name space: `ns/id`.
    package var id: String
    package var target: String
    package var sharing: CacheSharing
    package var readOnly: Bool
    /// What a new one begins with; nil: nothing.
    package var source: MountSource?
    /// Of the directory, when it is made empty.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package init(id: String, target: String, sharing: CacheSharing = .shared, readOnly: Bool = false, source: MountSource? = nil) {
        self.id = id
        self.target = target
        self.sharing = sharing
        self.readOnly = readOnly
        self.source = source
        mode = 0o755
        uid = 0
        gid = 0
    }
}

/// A secret by its name; its value is nowhere in a plan.
package struct SecretMount: Hashable, Sendable {
    package var id: String
    /// nil: no file.
    package var target: String?
    /// The variable that holds it, if one shall.
    package var environment: String?
    package var required: Bool
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package init(id: String, target: String?, environment: String? = nil, required: Bool = false) {
        self.id = id
        self.target = target
        self.environment = environment
        self.required = required
        mode = 0o400
        uid = 0
        gid = 0
    }
}

/// The socket of an SSH agent.
package struct AgentMount: Hashable, Sendable {
    package var id: String
    package var target: String
    package var required: Bool
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package init(id: String, target: String, required: Bool = false) {
        self.id = id
        self.target = target
        self.required = required
        mode = 0o600
        uid = 0
        gid = 0
    }
}

extension PlannedMount {
    /// One line that says all of it: what a key hashes and a plan prints.
    package var description: String {
        switch self {
        case .bind(let bind):
            return words("bind", Self.plain(bind.target), Self.text(bind.source), bind.readOnly ? "ro" : "rw")
        case .cache(let cache):
            return words(
                "cache", Self.plain(cache.target), "id=" + Self.plain(cache.id), Self.text(cache.source), "sharing=\(cache.sharing.rawValue)",
                cache.readOnly ? "ro" : "", Self.owner(cache.mode, cache.uid, cache.gid))
        case .tmpfs(let target, let size): return words("tmpfs", Self.plain(target), size.map { "size=\($0)" } ?? "")
        case .secret(let secret):
            return words(
                "secret", Self.plain(secret.target ?? ""), "id=" + Self.plain(secret.id), secret.environment.map { "env=\($0)" } ?? "",
                secret.required ? "required" : "", Self.owner(secret.mode, secret.uid, secret.gid))
        case .agent(let agent):
            return words(
                "ssh", Self.plain(agent.target), "id=" + Self.plain(agent.id), agent.required ? "required" : "",
                Self.owner(agent.mode, agent.uid, agent.gid))
        case .script(let directory, let name, let content): return words("script", directory + "/" + name, content)
        }
    }

    private func words(_ all: String...) -> String { all.filter { !$0.isEmpty }.joined(separator: " ") }

    private static func text(_ source: MountSource?) -> String {
        source.map { "from=\($0.input):\(plain($0.path))" } ?? ""
    }

    /// A space inside of a word must not end it: two mounts that differ would read the same.
    private static func plain(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1 == " " || $1 == "\\" ? "\\\($1)" : String($1) }
    }

    private static func owner(_ mode: UInt32, _ uid: UInt32, _ gid: UInt32) -> String {
        "\(String(mode, radix: 8)) \(uid):\(gid)"
    }
}
