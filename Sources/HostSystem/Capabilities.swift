import CHost
package import SystemPackage

/// Something that this host offers, or lacks, with the command that adds it. What `jettison doctor` prints.
package struct HostCapability: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, Codable {
        case available
        /// Works, with less.
        case limited
        case missing
    }

    /// Short and stable: `overlayfs`, `crun`.
    package var name: String
    package var state: State
    /// What was found, for people.
    package var detail: String
    /// A command, or a sentence when there is none.
    package var remedy: String?
    /// Whether builds fail without it.
    package var isRequired: Bool

    package init(
        _ name: String, _ state: State, _ detail: String, remedy: String? = nil, isRequired: Bool = false
    ) {
        self.name = name
        self.state = state
        self.detail = detail
        self.remedy = remedy
        self.isRequired = isRequired
    }
}

/// Looks at the host. Everything is tried rather than read from a version where that is possible. Blocks.
package struct HostProbe: Sendable {
    /// Where images are to be kept; need not exist.
    package var root: FilePath
    /// Like `PATH`.
    package var searchPath: String

    package init(root: FilePath, searchPath: String) {
        self.root = root
        self.searchPath = searchPath
    }

    /// In the order in which to read them.
    package func capabilities() -> [HostCapability] {
        [privileges(), kernel(), openat2()] + overlays() + [seccomp(), userNamespaces(), idMaps()] + controlGroups()
            + runtimes() + [initProgram(), mmdebstrap(), emulation(), space(), memory()]
    }

    func privileges() -> HostCapability {
        guard HostIdentity.isRoot else {
            return HostCapability(
                "root", .limited, "running as user \(HostIdentity.uid)",
                remedy: "run as root: sudo jettison …", isRequired: true)
        }
        guard HostIdentity.canMount, HostIdentity.canMakeDevices else {
            return HostCapability(
                "root", .limited, "root without the right to mount or to make device nodes: a container around this",
                remedy: "start that container with --privileged", isRequired: true)
        }
        return HostCapability("root", .available, "running as root", isRequired: true)
    }

    func kernel() -> HostCapability {
        let (release, machine) = HostFacts.kernel
        let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
        let isOld = numbers.lexicographicallyPrecedes([5, 11])
        return HostCapability(
            "kernel", isOld ? .missing : .available, "Linux \(release) on \(machine)",
            remedy: isOld ? "install Linux 5.11 or later: apt-get install linux-image-\(debianName(machine))" : nil,
            isRequired: true)
    }

    private func debianName(_ machine: String) -> String {
        ["x86_64": "amd64", "aarch64": "arm64", "i686": "686"][machine] ?? machine
    }

    func openat2() -> HostCapability {
        chost_has_openat2()
            ? HostCapability("openat2", .available, "paths are resolved inside a root", isRequired: true)
            : HostCapability(
                "openat2", .missing, "the kernel or a sandbox around this refuses openat2",
                remedy: "install Linux 5.6 or later, or allow openat2 in the sandbox", isRequired: true)
    }

    func overlays() -> [HostCapability] {
        let module = "modprobe overlay"
        guard let work = try? TemporaryDirectory(in: scratch(), prefix: ".jettison-doctor-") else {
            return [
                HostCapability("overlayfs", .missing, "cannot write to \(scratch())", remedy: "name a writable --root")
            ]
        }
        func attempt(_ method: DetachedMount.Method) -> SystemError? {
            do throws(SystemError) {
                let name = FilePath("\(method)")
                for part in ["lower", "upper", "work"] {
                    _ = try work.directory.createDirectories(at: name.appending(part))
                }
                let at = work.path.pushing(name)
                let layout = OverlayLayout(
                    lowers: [at.appending("lower")], upper: at.appending("upper"), work: at.appending("work"))
                _ = try DetachedMount.overlay(layout, method: method)
                return nil
            } catch { return error }
        }
        let modern = attempt(.layerByLayer)
        if modern == nil {
            let marks = HostIdentity.canMountTrusted ? "trusted" : "user"
            return [
                HostCapability("overlayfs", .available, "native, with \(marks).overlay attributes"),
                HostCapability("lowerdir+", .available, "layers are mounted one by one"),
            ]
        }
        guard let classic = attempt(.classic) else {
            return [
                HostCapability("overlayfs", .available, "native"),
                HostCapability(
                    "lowerdir+", .limited, "this kernel mounts overlays the old way",
                    remedy: "Linux 6.5 or later does without a helper thread"),
            ]
        }
        return [
            HostCapability(
                "overlayfs", .limited, "\(classic); layers are copied instead",
                remedy: HostIdentity.isRoot ? module : "run as root: sudo jettison …")
        ]
    }

    /// An existing directory on the file system of the root.
    private func scratch() -> FilePath {
        var path = root.isAbsolute ? root : FilePath("/tmp")
        while (try? FileMetadata(at: path))?.kind != .directory, path != "/" { path.removeLastComponent() }
        return path
    }

    func seccomp() -> HostCapability {
        chost_has_seccomp()
            ? HostCapability("seccomp", .available, "steps are kept to docker's list of system calls", isRequired: true)
            : HostCapability(
                "seccomp", .missing, "this kernel has no system call filters",
                remedy: "use a kernel with CONFIG_SECCOMP_FILTER: apt-get install linux-image-amd64", isRequired: true)
    }

    func userNamespaces() -> HostCapability {
        let result = chost_try_user_namespace()
        if result == 0 { return HostCapability("user-namespaces", .available, "can be made") }
        let reason = SystemError("make one", code: Errno(rawValue: CInt(truncatingIfNeeded: -result)))
        let switches: [(FilePath, String, String)] = [
            ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
            ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
            (
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
                "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
            ),
        ]
        let off = switches.first { text($0.0)?.trimmed == $0.1 }
        return HostCapability(
            "user-namespaces", HostIdentity.isRoot ? .limited : .missing, reason.description,
            remedy: off?.2 ?? "sysctl -w user.max_user_namespaces=15000")
    }

    func idMaps() -> HostCapability {
        let tools = ["newuidmap", "newgidmap"]
        let missing = tools.filter { HostFacts.program($0, searchPath: searchPath) == nil }
        let install = "apt-get install uidmap"
        guard missing.isEmpty else {
            return HostCapability(
                "id-maps", HostIdentity.isRoot ? .limited : .missing,
                missing.joined(separator: " and ") + " not found; only needed without root", remedy: install)
        }
        guard !HostIdentity.isRoot else { return HostCapability("id-maps", .available, "newuidmap and newgidmap") }
        let user = userName()
        let lacking = (["/etc/subuid", "/etc/subgid"] as [FilePath]).filter { file in
            let lines = text(file)?.split(separator: "\n") ?? []
            return !lines.contains { $0.hasPrefix(user + ":") || $0.hasPrefix("\(HostIdentity.uid):") }
        }
        guard lacking.isEmpty else {
            return HostCapability(
                "id-maps", .missing, "\(lacking.map(\.string).joined(separator: " and ")) has no range for \(user)",
                remedy: "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 \(user)")
        }
        return HostCapability("id-maps", .available, "newuidmap and newgidmap, with ranges for \(user)")
    }

    private func userName() -> String {
        let line = text("/etc/passwd")?.split(separator: "\n").first { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            return fields.count > 2 && fields[2] == "\(HostIdentity.uid)"
        }
        return line?.split(separator: ":").first.map(String.init) ?? "\(HostIdentity.uid)"
    }

    func controlGroups() -> [HostCapability] {
        let groups = ControlGroups.ofThisProcess()
        let name =
            switch groups.mode {
            case .none: "none mounted"
            case .version1: "version 1"
            case .hybrid: "hybrid: version 1 controllers beside a version 2 tree"
            case .version2: "version 2"
            }
        let writable = groups.writableControllers
        let list = writable.isEmpty ? "no controller can be used" : "usable: " + writable.joined(separator: " ")
        let first = HostCapability(
            "control-groups", writable.isEmpty ? .limited : .available, "\(name), \(list)",
            remedy: writable.isEmpty
                ? "run as root, or inside a systemd scope: systemd-run --scope -p Delegate=yes jettison …" : nil)
        let limit =
            groups.memoryGroup == nil
            ? HostCapability(
                "memory-limit", .limited, "--memory fails, and lack of memory looks like any other kill",
                remedy: "boot with cgroup_enable=memory, or run as root")
            : HostCapability("memory-limit", .available, "steps can be limited, and lack of memory is told apart")
        return [first, limit]
    }

    func runtimes() -> [HostCapability] {
        let found = ["crun", "runc"].map { ($0, HostFacts.program($0, searchPath: searchPath)) }
        let hasOne = found.contains { $0.1 != nil }
        return found.map { name, path in
            guard let path else {
                // Either will do; the first is asked for.
                let isWanted = !hasOne && name == "crun"
                return HostCapability(
                    name, isWanted ? .missing : .limited,
                    hasOne ? "not installed; the other one is" : "not installed", remedy: "apt-get install \(name)",
                    isRequired: isWanted)
            }
            let version = firstLine(of: path, "--version").map { ": " + $0 } ?? ""
            return HostCapability(name, .available, path.string + version)
        }
    }

    private func firstLine(of program: FilePath, _ argument: String) -> String? {
        var text: [UInt8] = []
        let name = program.lastComponent?.string ?? program.string
        let spawn = ContainerSpawn(program, arguments: [name, argument], environment: ["PATH=" + searchPath])
        let exit = try? Spawner().run(spawn, cancellation: SpawnCancellation()) { stream, bytes in
            if stream == .stdout, text.count < 4096 { text += bytes }
        }
        guard exit == .exited(0), let line = text.split(separator: 10).first else { return nil }
        return String(decoding: line, as: UTF8.self)
    }

    func initProgram() -> HostCapability {
        let names = ["docker-init", "catatonit", "tini-static", "tini", "dumb-init"]
        let found = names.lazy.compactMap { HostFacts.program($0, searchPath: searchPath) }.first
        return found.map { HostCapability("init", .available, $0.string) }
            ?? HostCapability("init", .limited, "run --init has no program to use", remedy: "apt-get install tini")
    }

    func mmdebstrap() -> HostCapability {
        HostFacts.program("mmdebstrap", searchPath: searchPath)
            .map { HostCapability("mmdebstrap", .available, $0.string) }
            ?? HostCapability(
                "mmdebstrap", .limited, "base create has nothing to make Debian images with",
                remedy: "apt-get install mmdebstrap")
    }

    func emulation() -> HostCapability {
        let directory = try? Directory(opening: "/proc/sys/fs/binfmt_misc")
        let names = ((try? directory?.entries()) ?? []).map(\.name.string).filter { $0.hasPrefix("qemu-") }.sorted()
        guard names.isEmpty else {
            let machines = names.map { $0.dropFirst(5) }.joined(separator: " ")
            return HostCapability("emulation", .available, "also runs programs for \(machines)")
        }
        return HostCapability(
            "emulation", .limited, "runs programs for \(HostFacts.kernel.machine) only",
            remedy: "apt-get install qemu-user-static binfmt-support")
    }

    func space() -> HostCapability {
        let path = scratch()
        var free: UInt64 = 0
        var total: UInt64 = 0
        guard path.withPlatformString({ chost_file_system_space($0, &free, &total) }) == 0 else {
            return HostCapability("space", .limited, "the file system at \(path) does not say")
        }
        let state: HostCapability.State = free < 512 << 20 ? .missing : free < 4 << 30 ? .limited : .available
        return HostCapability(
            "space", state, "\(Self.size(free)) of \(Self.size(total)) free at \(path)",
            remedy: state == .available ? nil : "keep images on a bigger disk: --root DIR")
    }

    func memory() -> HostCapability {
        let lines = text("/proc/meminfo")?.split(separator: "\n") ?? []
        func value(_ name: String) -> UInt64? {
            guard let line = lines.first(where: { $0.hasPrefix(name + ":") }) else { return nil }
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        guard let total = value("MemTotal"), let free = value("MemAvailable") else {
            return HostCapability("memory", .limited, "/proc/meminfo cannot be read")
        }
        return HostCapability(
            "memory", free < 256 << 20 ? .limited : .available, "\(Self.size(free)) of \(Self.size(total)) available",
            remedy: free < 256 << 20 ? "end other programs, or add swap" : nil)
    }

    /// In docker's units: powers of ten, one decimal.
    static func size(_ bytes: UInt64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var value = bytes
        var tenths = 0 as UInt64
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            tenths = value % 1000 / 100
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(value) B" : "\(value).\(tenths) \(units[unit])"
    }

    private func text(_ path: FilePath) -> String? {
        (try? File(opening: path).readAll(limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension String {
    fileprivate var trimmed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

extension ControlGroups {
    /// Controllers whose groups this process can make.
    package var writableControllers: [String] {
        let first = version1.values.filter { $0.group.withPlatformString { chost_is_writable($0) } }
        var names = Set(first.flatMap(\.controllers))
        if let parent = version2Parent, let directory = try? Directory(opening: parent),
            let bytes = try? directory.openFile(at: "cgroup.controllers").readAll(limit: 1 << 16)
        {
            names.formUnion(
                String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init))
        }
        return names.sorted()
    }
}
