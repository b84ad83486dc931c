/// The process a container starts (runtime-spec config.md, "Process").
public struct ProcessSpec: Hashable, Sendable, Codable {
    public var terminal = false
    /// Of the terminal; runtimes differ in whether they find it out themselves.
    public var consoleSize: ConsoleSize?
    public var user: User
    public var args: [String]
    /// `NAME=value`.
    public var env: [String]
    /// Absolute, in the container.
    public var cwd: String
    public var capabilities: Capabilities?
    public var rlimits: [ResourceLimit]?
    public var noNewPrivileges = false
    public var oomScoreAdj: Int?
    public var apparmorProfile: String?
    public var selinuxLabel: String?

    public init(args: [String], env: [String] = [], cwd: String = "/", user: User = User()) {
        self.args = args
        self.env = env
        self.cwd = cwd
        self.user = user
    }

    /// Characters.
    public struct ConsoleSize: Hashable, Sendable, Codable {
        public var height: UInt32
        public var width: UInt32
        public init(height: UInt32, width: UInt32) {
            self.height = height
            self.width = width
        }
    }

    public struct User: Hashable, Sendable, Codable {
        public var uid: UInt32
        public var gid: UInt32
        /// POSIX umask.
        public var umask: UInt32?
        public var additionalGids: [UInt32]?
        public init(uid: UInt32 = 0, gid: UInt32 = 0, umask: UInt32? = nil, additionalGids: [UInt32]? = nil) {
            self.uid = uid
            self.gid = gid
            self.umask = umask
            self.additionalGids = additionalGids
        }
    }

    /// Capability sets, named as the kernel does: `CAP_CHOWN`.
    public struct Capabilities: Hashable, Sendable, Codable {
        public var bounding: [String]
        public var effective: [String]
        public var inheritable: [String]
        public var permitted: [String]
        public var ambient: [String]

        /// The same names for what the process may have and has; nothing inheritable or ambient, as docker does
        /// since CVE-2022-24769.
        public init(granting names: [String]) {
            bounding = names
            effective = names
            permitted = names
            inheritable = []
            ambient = []
        }
    }

    public struct ResourceLimit: Hashable, Sendable, Codable {
        /// `RLIMIT_NOFILE`.
        public var type: String
        public var soft: UInt64
        public var hard: UInt64
        public init(type: String, soft: UInt64, hard: UInt64) {
            self.type = type
            self.soft = soft
            self.hard = hard
        }
    }
}
