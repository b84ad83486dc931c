import SystemPackage

/// The two OCI runtimes we know, in the order in which we like them.
package enum RuntimeFlavor: String, Sendable, CaseIterable, Codable {
    /// A C program: 5 ms a container.
    case crun
    /// A Go program: 30 ms a container.
    case runc

    /// Arguments before the verb. Control groups are ours (`ControlGroup`): a runtime's own ones cost it several
    /// milliseconds and would have to be cleaned up after a kill.
    func globalArguments(state: FilePath, log: FilePath) -> [String] {
        let common = ["--root", state.string, "--log", log.string, "--log-format=json"]
        switch self {
        case .crun: return common + ["--cgroup-manager=disabled"]
        // Makes it go on when it cannot make groups, which it cannot where they are mounted read-only.
        case .runc: return common + ["--rootless", "true"]
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
