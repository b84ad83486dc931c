import OCI

/// Which system calls a container may make: docker's default profile, as data. What is not allowed fails with EPERM.
/// The tables follow the profile of docker 27 (without io_uring, which it dropped in version 25).
package struct SeccompProfile: Sendable {
    package static let standard = SeccompProfile()

    /// For this kind of machine (as uname(2) names it) and these capabilities.
    func spec(machine: String, capabilities: Set<String>) -> SeccompSpec {
        var allowed = SeccompTables.always
        allowed += SeccompTables.byMachine[machine] ?? []
        for (capability, names) in SeccompTables.byCapability where capabilities.contains(capability) {
            allowed += names
        }
        var rules = [SeccompSpec.Rule(names: allowed.sorted(), action: .allow)]
        rules += Self.personalities.map { value in
            .init(names: ["personality"], action: .allow, args: [.init(index: 0, value: value, op: .equal)])
        }
        // A virtual socket would reach the hypervisor around every network namespace.
        rules.append(
            .init(names: ["socket"], action: .allow, args: [.init(index: 0, value: Self.virtualSocket, op: .notEqual)]))
        if !capabilities.contains("CAP_SYS_ADMIN") {
            let flags: UInt32 = machine == "s390x" ? 1 : 0
            rules.append(
                .init(
                    names: ["clone"], action: .allow,
                    args: [.init(index: flags, value: Self.namespaces, valueTwo: 0, op: .maskedEqual)]))
            // A filter cannot see through clone3's pointer; told that there is none, C libraries fall back to clone.
            rules.append(.init(names: ["clone3"], action: .error, errnoRet: 38))
        }
        var spec = SeccompSpec(
            defaultAction: .error, architectures: SeccompTables.architectures[machine], syscalls: rules)
        spec.defaultErrnoRet = 1
        return spec
    }

    // PER_LINUX and PER_LINUX32, each with and without UNAME26; 0xffffffff asks which one is set.
    private static let personalities: [UInt64] = [0x0, 0x0008, 0x20000, 0x20008, 0xffff_ffff]
    private static let virtualSocket: UInt64 = 40
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private static let namespaces: UInt64 = 0x7E02_0000
}
