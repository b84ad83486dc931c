import FoundationEssentials
import HostSystem
import OCI
import SystemPackage

/// Finds out whether a runtime starts here, by letting it make a container as they all are, short of starting it.
/// What is known then is kept beside the runs: the next process asks again only when the program or the kernel changed.
struct RuntimeProbe {
    let session: RunsSession
    let runs: RunsDirectory

    /// To be counted up when what is kept changes its meaning.
    private static let version = 1

    func probe(_ flavor: RuntimeFlavor, at path: FilePath) throws -> ProbedRuntime {
        let metadata = try FileMetadata(at: path)
        let key = [
            "\(Self.version)", path.string, "\(metadata.size)",
            "\(metadata.modified.seconds).\(metadata.modified.nanoseconds)", HostFacts.kernel.release,
            try profileDigest(),
        ].joined(separator: "\n")
        let record = FilePath("runtime-" + flavor.rawValue)
        if let known = known(record, key: key) {
            return ProbedRuntime(flavor: flavor, path: path, filter: known)
        }
        let filter = try start(flavor, path)
        // Not being able to keep it only costs the next process a probe.
        try? runs.directory.writeFile(Array(key.utf8) + [0] + (filter?.instructions ?? []), at: record)
        return ProbedRuntime(flavor: flavor, path: path, filter: filter)
    }

    private func profileDigest() throws -> String {
        let spec = SeccompProfile.standard.spec(
            machine: HostFacts.kernel.machine, capabilities: Set(ContainerDefaults.capabilities))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Digest.sha256(of: Array(try encoder.encode(spec))).description
    }

    /// nil when nothing is known, a nil inside when the runtime starts and takes no filter.
    private func known(_ record: FilePath, key: String) -> SeccompFilter?? {
        guard let bytes = try? runs.directory.readFile(at: record, limit: 1 << 20),
            let end = bytes.firstIndex(of: 0), bytes[..<end].elementsEqual(key.utf8)
        else { return nil }
        return .some(SeccompFilter(compiled: Array(bytes[(end + 1)...])))
    }

    /// - Returns: the filter that the runtime made of the profile, when it leaves it where it can be read.
    private func start(_ flavor: RuntimeFlavor, _ path: FilePath) throws -> SeccompFilter? {
        let name = FilePath("probe-\(session.nextNumber())")
        let bundle = try RuntimeBundle(in: session, named: name)
        defer { try? session.directory.removeTree(name) }
        try bundle.directory.createDirectory(at: "root")
        let root = try bundle.directory.directory(at: "root")
        _ = try root.createFile(at: "program", mode: 0o755)
        var process = ContainerProcess(arguments: ["/program"], environment: [])
        process.network = .none
        try bundle.write([], to: "hosts")
        try bundle.write([], to: "resolv.conf")
        let specification = ContainerSpecification(
            process: process, user: .init(uid: 0, gid: 0, supplementaryGroups: [], home: "/"),
            host: .init(
                machine: HostFacts.kernel.machine, openFiles: nil, terminal: nil, initProgram: nil,
                restrictsDevices: true),
            files: bundle.path)
        try bundle.write(specification.spec(filter: nil))
        var noise: [UInt8] = []
        let runtime = ProbedRuntime(flavor: flavor, path: path, filter: nil)
        let command = bundle.command(
            runtime, verb: "create", root: .directory(bundle.path.appending("root")), groups: session.groups)
        let exit = try Spawner().run(command, cancellation: SpawnCancellation()) { noise += $1.prefix(1000) }
        guard exit == .exited(0) else {
            let said = bundle.readLog().message ?? RuntimeLog(noise).message ?? ""
            throw RuntimeError.failed(runtime: path.string, message: said.isEmpty ? "\(exit)" : said)
        }
        guard flavor == .crun else { return nil }
        let compiled = try? bundle.directory.readFile(at: FilePath("state/\(bundle.containerID)/seccomp.bpf"))
        return compiled.flatMap { SeccompFilter(compiled: $0)?.decidingNewerCalls() }
    }
}

extension RuntimeBundle {
    /// One container a bundle.
    var containerID: String { "jettison" }

    /// The runtime's command, in namespaces of its own with the root attached.
    func command(
        _ runtime: ProbedRuntime, verb: String, root: ContainerSpawn.Isolation.Root, groups: ControlGroups,
        streams: ContainerSpawn.Streams = .captured, attached: [ContainerSpawn.Isolation.Attachment] = [],
        isPrivate: Bool = false
    ) -> ContainerSpawn {
        let state = isPrivate ? stateInMemory : state
        var isolation = ContainerSpawn.Isolation(
            root: root, target: self.root, unmounted: groups.unifiedMountOfHybrid.map { [$0] } ?? [],
            readOnly: runtime.flavor == .runc ? groups.mountPoints : [])
        isolation.attached = attached
        let arguments =
            [runtime.flavor.rawValue]
            + runtime.flavor.globalArguments(state: state, log: log, isHeard: streams == .captured)
            + [verb, "--bundle", path.string, containerID]
        // The environment is the runtime's own; the container's is in the specification.
        return ContainerSpawn(
            runtime.path, arguments: arguments, environment: ["PATH=" + ContainerDefaults.path], streams: streams,
            isolation: isolation)
    }
}
