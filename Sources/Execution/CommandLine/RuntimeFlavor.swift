import SystemPackage

/// The two OCI runtimes we know, in the order in which we like them.
package enum RuntimeFlavor: String, Sendable, CaseIterable, Codable {
    /// A C program: 5 ms a container.
    case crun
    /// A Go program: 30 ms a container.
    case runc

    /// Arguments before the verb. Control groups are ours (`ControlGroup`): a runtime's own ones cost it several
    /// milliseconds and would have to be cleaned up after a kill.
    /// - Parameter isHeard: whether we read what it writes to stderr.
    func globalArguments(state: FilePath, log: FilePath, isHeard: Bool) -> [String] {
        let common = ["--root", state.string, "--log-format=json"]
        let logging = ["--log", log.string]
        switch self {
        // With a log crun says everything twice, first to stderr and as a text that could be anybody's; without one it
        // writes the objects of the log there.
        case .crun: return common + (isHeard ? [] : logging) + ["--cgroup-manager=disabled"]
        // Makes it go on when it cannot make groups, which it cannot where they are mounted read-only.
        case .runc: return common + logging + ["--rootless", "true"]
        }
    }
}

/// A runtime that has been seen to start here.
struct ProbedRuntime: Sendable {
    var flavor: RuntimeFlavor
    var path: FilePath
    /// What it made of the seccomp profile, where it can take that back.
    var filter: SeccompFilter?
}
