/// Which system calls a container may make (runtime-spec config-linux.md, "Seccomp").
public struct SeccompSpec: Hashable, Sendable, Codable {
    public enum Action: String, Hashable, Sendable, Codable {
        case allow = "SCMP_ACT_ALLOW"
        case error = "SCMP_ACT_ERRNO"
        case killProcess = "SCMP_ACT_KILL_PROCESS"
        case killThread = "SCMP_ACT_KILL"
        case log = "SCMP_ACT_LOG"
        case trap = "SCMP_ACT_TRAP"
        case trace = "SCMP_ACT_TRACE"
    }

    public enum Comparison: String, Hashable, Sendable, Codable {
        case notEqual = "SCMP_CMP_NE"
        case less = "SCMP_CMP_LT"
        case lessOrEqual = "SCMP_CMP_LE"
        case equal = "SCMP_CMP_EQ"
        case greaterOrEqual = "SCMP_CMP_GE"
        case greater = "SCMP_CMP_GT"
        case maskedEqual = "SCMP_CMP_MASKED_EQ"
    }

    public var defaultAction: Action
    /// The errno of `defaultAction` when that is `.error`.
    public var defaultErrnoRet: UInt32?
    /// `SCMP_ARCH_X86_64`, …
    public var architectures: [String]?
    public var flags: [String]?
    public var syscalls: [Rule]?

    public init(defaultAction: Action, architectures: [String]? = nil, syscalls: [Rule]? = nil) {
        self.defaultAction = defaultAction
        self.architectures = architectures
        self.syscalls = syscalls
    }

    public struct Rule: Hashable, Sendable, Codable {
        public var names: [String]
        public var action: Action
        public var errnoRet: UInt32?
        public var args: [Argument]?
        public init(names: [String], action: Action, errnoRet: UInt32? = nil, args: [Argument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }
    }

    /// A condition on one argument of the call.
    public struct Argument: Hashable, Sendable, Codable {
        public var index: UInt32
        public var value: UInt64
        public var valueTwo: UInt64?
        public var op: Comparison
        public init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: Comparison) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }
    }
}
