/// What is Linux's own about a container (runtime-spec config-linux.md).
public struct LinuxSpec: Hashable, Sendable, Codable {
    public var namespaces: [Namespace]
    public var uidMappings: [IDMapping]?
    public var gidMappings: [IDMapping]?
    public var devices: [Device]?
    public var cgroupsPath: String?
    public var resources: Resources?
    public var rootfsPropagation: String?
    public var seccomp: SeccompSpec?
    public var sysctl: [String: String]?
    /// Hidden from the container.
    public var maskedPaths: [String]?
    /// Read-only in the container.
    public var readonlyPaths: [String]?
    public var mountLabel: String?

    public init(namespaces: [Namespace] = []) { self.namespaces = namespaces }

    public struct Namespace: Hashable, Sendable, Codable {
        public enum Kind: String, Hashable, Sendable, Codable {
            case pid, network, mount, ipc, uts, user, cgroup, time
        }
        public var type: Kind
        /// Of an existing namespace to join; nil makes a new one.
        public var path: String?
        public init(_ type: Kind, path: String? = nil) {
            self.type = type
            self.path = path
        }
    }

    public struct IDMapping: Hashable, Sendable, Codable {
        public var containerID: UInt32
        public var hostID: UInt32
        public var size: UInt32
        public init(containerID: UInt32, hostID: UInt32, size: UInt32) {
            self.containerID = containerID
            self.hostID = hostID
            self.size = size
        }
    }

    /// A device node to make; the runtime adds the default ones (null, zero, full, random, urandom, tty) itself.
    public struct Device: Hashable, Sendable, Codable {
        /// `c`, `b`, `u` or `p`.
        public var type: String
        public var path: String
        public var major: Int64?
        public var minor: Int64?
        public var fileMode: UInt32?
        public var uid: UInt32?
        public var gid: UInt32?
        public init(type: String, path: String, major: Int64? = nil, minor: Int64? = nil) {
            self.type = type
            self.path = path
            self.major = major
            self.minor = minor
        }
    }
}

extension LinuxSpec {
    /// What a container may use of the machine (runtime-spec config-linux.md, "Control groups").
    public struct Resources: Hashable, Sendable, Codable {
        public var devices: [DeviceRule]?
        public var memory: Memory?
        public var cpu: CPU?
        public var pids: Processes?
        public init() {}
    }

    public struct DeviceRule: Hashable, Sendable, Codable {
        public var allow: Bool
        /// `a`, `c` or `b`.
        public var type: String?
        public var major: Int64?
        public var minor: Int64?
        /// Some of `rwm`.
        public var access: String?
        public init(allow: Bool, type: String? = nil, major: Int64? = nil, minor: Int64? = nil, access: String? = nil) {
            self.allow = allow
            self.type = type
            self.major = major
            self.minor = minor
            self.access = access
        }
    }

    /// Bytes.
    public struct Memory: Hashable, Sendable, Codable {
        public var limit: Int64?
        public var reservation: Int64?
        public var swap: Int64?
        public init(limit: Int64? = nil, reservation: Int64? = nil, swap: Int64? = nil) {
            self.limit = limit
            self.reservation = reservation
            self.swap = swap
        }
    }

    public struct CPU: Hashable, Sendable, Codable {
        public var shares: UInt64?
        /// Microseconds a period.
        public var quota: Int64?
        /// Microseconds.
        public var period: UInt64?
        /// `0-3,7`.
        public var cpus: String?
        public var mems: String?
        public init() {}
    }

    public struct Processes: Hashable, Sendable, Codable {
        public var limit: Int64
        public init(limit: Int64) { self.limit = limit }
    }
}
