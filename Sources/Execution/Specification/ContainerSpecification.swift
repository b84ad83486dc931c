import HostSystem
import OCI
import SystemPackage

/// Everything that decides a container's `config.json`, and what the root must offer for it.
struct ContainerSpecification {
    /// Facts about the host that a specification depends on.
    struct Host {
        var machine: String
        var openFiles: HostFacts.Limit?
        /// Rows and columns, when the process is to have a terminal.
        var terminal: (rows: Int, columns: Int)?
        var initProgram: FilePath?
        /// Whether the control group keeps a container from opening the machine's disks.
        var restrictsDevices: Bool
    }

    let process: ContainerProcess
    let user: ResolvedUser
    let host: Host
    /// Where the bundle keeps `hosts` and `resolv.conf`.
    let files: FilePath
    /// The process's own mounts, in their order.
    var staged: [StagedMount] = []

    static let initTarget = "/dev/init"

    /// With the profile as text; `filter` takes its place where the runtime takes it.
    func spec(filter: SeccompFilter?) throws(RuntimeError) -> RuntimeSpec {
        var spec = RuntimeSpec(
            process: processSpec(), root: .init(path: "rootfs", readonly: process.readOnlyRoot), mounts: try mounts())
        spec.hostname = process.hostname
        spec.linux = LinuxSpec(namespaces: [.init(.pid), .init(.ipc), .init(.uts), .init(.mount)])
        if process.network == .none { spec.linux.namespaces.append(.init(.network)) }
        spec.linux.maskedPaths = ContainerDefaults.maskedPaths
        spec.linux.readonlyPaths = ContainerDefaults.readonlyPaths
        if let filter {
            spec.annotations = [SeccompFilter.annotation: filter.annotationValue]
        } else {
            spec.linux.seccomp = SeccompProfile.standard.spec(
                machine: host.machine, capabilities: Set(ContainerDefaults.capabilities))
        }
        return spec
    }

    private func processSpec() -> ProcessSpec {
        var arguments = process.arguments
        if process.addInit { arguments = [Self.initTarget, "--"] + arguments }
        var spec = ProcessSpec(args: arguments, env: environment(), cwd: process.workingDirectory)
        // The group itself is in the list too: a set-group-id program could otherwise shed it, and with it what a file
        // denies to that group (GHSA-hmfx-3pcx-653p).
        let groups = [user.gid] + user.supplementaryGroups.filter { $0 != user.gid }
        spec.user = .init(uid: user.uid, gid: user.gid, umask: 0o022, additionalGids: groups)
        if let terminal = host.terminal {
            spec.terminal = true
            spec.consoleSize = .init(
                height: UInt32(clamping: terminal.rows), width: UInt32(clamping: terminal.columns))
        }
        // Of a user without uid 0 the kernel keeps only the bounding set at exec.
        let granted = ContainerDefaults.capabilities.filter { $0 != "CAP_MKNOD" || host.restrictsDevices }
        spec.capabilities = .init(granting: granted)
        var limits = process.limits.map {
            ProcessSpec.ResourceLimit(type: "RLIMIT_" + $0.name.uppercased(), soft: $0.soft, hard: $0.hard)
        }
        if let limit = host.openFiles, !limits.contains(where: { $0.type == "RLIMIT_NOFILE" }) {
            // Many programs fail with the 1024 that shells get; few loops over all descriptors bear a million.
            let soft = min(limit.hard, max(limit.soft, 65536))
            limits.append(.init(type: "RLIMIT_NOFILE", soft: soft, hard: limit.hard))
        }
        if !limits.isEmpty { spec.rlimits = limits }
        return spec
    }

    private func environment() -> [String] {
        var environment = process.environment + process.privateEnvironment
        func add(_ name: String, _ value: String) {
            if !environment.contains(where: { $0.hasPrefix(name + "=") }) { environment.append(name + "=" + value) }
        }
        add("PATH", ContainerDefaults.path)
        add("HOME", user.home)
        if host.terminal != nil { add("TERM", "xterm") }
        return environment
    }

    private func mounts() throws(RuntimeError) -> [MountSpec] {
        var mounts = ContainerDefaults.mounts(sharedMemoryBytes: process.sharedMemoryBytes)
        // As BuildKit has it, a step cannot change these and wonder where the change went.
        let access = process.streams == .captured ? "ro" : "rw"
        for name in ["resolv.conf", "hosts"] {
            mounts.append(
                MountSpec(
                    destination: "/etc/" + name, type: "bind", source: files.appending(name).string,
                    options: ["rbind", "rprivate", access]))
        }
        if process.addInit, let program = host.initProgram {
            mounts.append(
                MountSpec(
                    destination: Self.initTarget, type: "bind", source: program.string, options: ["bind", "ro"]))
        }
        return mounts + staged.map(\.spec)
    }

    /// What the root must have for the mounts. What lies in an earlier mount is made there by the runtime.
    func stubTargets() throws(RuntimeError) -> [MountStubs.Target] {
        var targets: [MountStubs.Target] = []
        var covered: [(path: String, sealed: Directory?)] = []
        let own = try mounts()
        let firstStaged = own.count - staged.count
        for (index, mount) in own.enumerated() {
            let stagedMount = index < firstStaged ? nil : staged[index - firstStaged]
            let path = FilePath(mount.destination).lexicallyNormalized().string
            defer { covered.append((path + "/", stagedMount?.sealed)) }
            if let cover = covered.last(where: { path.hasPrefix($0.path) || path + "/" == $0.path }) {
                try check(path, in: cover)
                continue
            }
            var isDirectory = stagedMount?.isDirectory ?? true
            if stagedMount == nil, mount.type == "bind", let source = mount.source {
                guard let metadata = try? FileMetadata(at: FilePath(source)) else {
                    throw .mountSourceNotFound(path: source)
                }
                isDirectory = metadata.kind == .directory
            }
            targets.append(.init(path: mount.destination, isDirectory: isDirectory, mode: mount.tmpfsMode ?? 0o755))
        }
        return targets
    }

    /// A runtime makes a target that is not there, but not in what is read-only.
    private func check(_ path: String, in cover: (path: String, sealed: Directory?)) throws(RuntimeError) {
        guard let sealed = cover.sealed, path + "/" != cover.path else { return }
        let inner = FilePath(String(path.dropFirst(cover.path.utf8.count)))
        guard !sealed.exists(inner, followLast: true) else { return }
        throw .badMount(
            target: path, reason: "it lies in the read-only mount at \(cover.path.dropLast()), which has no \"\(inner)\"")
    }
}

extension MountSpec {
    fileprivate var tmpfsMode: UInt32? {
        guard type == "tmpfs", let option = options?.first(where: { $0.hasPrefix("mode=") }) else { return nil }
        return UInt32(option.dropFirst(5), radix: 8)
    }
}
