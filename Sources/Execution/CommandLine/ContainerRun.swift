import HostSystem
import SystemPackage

/// One run, from root to exit.
struct ContainerRun {
    let process: ContainerProcess
    let session: RunsSession
    let runtime: ProbedRuntime
    let searchPath: String

    func perform(
        in filesystem: RootFilesystem, at place: CommandLineRuntime.Place, cancellation: SpawnCancellation,
        output: (ProcessOutput) -> Void
    ) throws -> ProcessExit {
        let name = FilePath("run-\(session.nextNumber())")
        let bundle = try RuntimeBundle(in: session, named: name)
        defer { try? session.directory.removeTree(name) }
        let layout = try layout(of: filesystem, in: bundle)
        // The mount lives as long as somebody holds it: everything that does is inside this call.
        let (exit, copies) = try perform(filesystem, layout, bundle, place, cancellation, output)
        copies?.remove()
        return exit
    }

    /// A read-only overlay gets an upper directory that is thrown away: mounts need their targets.
    private func layout(of filesystem: RootFilesystem, in bundle: RuntimeBundle) throws -> OverlayLayout? {
        guard case .overlay(var layout) = filesystem else { return nil }
        if layout.upper != nil {
            // The kernel refuses a work directory that an earlier volatile mount has marked.
            if let work = layout.work { try Directory(opening: work).removeContents() }
            return layout
        }
        try bundle.directory.createDirectory(at: "upper")
        try bundle.directory.createDirectory(at: "work")
        layout.upper = bundle.path.appending("upper")
        layout.work = bundle.path.appending("work")
        return layout
    }

    private func perform(
        _ filesystem: RootFilesystem, _ layout: OverlayLayout?, _ bundle: RuntimeBundle,
        _ place: CommandLineRuntime.Place, _ cancellation: SpawnCancellation, _ output: (ProcessOutput) -> Void
    ) throws -> (ProcessExit, IdleCopies?) {
        let attached: ContainerSpawn.Isolation.Root
        let root: Directory
        switch (filesystem, layout) {
        case (_, let layout?):
            let mount = try DetachedMount.overlay(layout)
            attached = .detached(mount)
            root = mount.directory
        case (.directory(let path), _):
            attached = .directory(path)
            root = try Directory(opening: path)
        case (.overlay, nil):
            throw RuntimeError.failed(runtime: runtime.path.string, message: "there is no root")
        }
        try process.prepare?(root)
        if let problem = foreseen(in: root) { throw problem }
        let staging = try MountStaging(process, in: bundle)
        var specification = try specification(in: root, files: bundle.path, group: place.group)
        specification.staged = staging.mounts
        let isPrivate = !process.privateEnvironment.isEmpty
        try bundle.write(Array(NameFiles.hosts(for: process).utf8), to: "hosts")
        try bundle.write(Array(NameFiles.resolver(network: process.network).utf8), to: "resolv.conf")
        try bundle.write(
            specification.spec(filter: runtime.filter), in: isPrivate ? staging.memory?.directory : nil)
        let stubs = try MountStubs(for: specification.stubTargets(), in: root, layout: layout)
        defer { stubs.remove() }

        let killsBefore = place.group?.outOfMemoryKills() ?? 0
        var streams = ContainerSpawn.Streams.captured
        if process.streams == .inherited { streams = .inherited(ownGroup: specification.host.terminal == nil) }
        let command = bundle.command(
            runtime, verb: "run", root: attached, groups: session.groups, streams: streams,
            attached: staging.attachments, isPrivate: isPrivate)
        var launch = LaunchOutput()
        let ended = try place.spawner.run(command, cancellation: cancellation) { stream, bytes in
            let piece = ProcessOutput(stream == .stdout ? .stdout : .stderr, bytes)
            launch.admit(piece).forEach(output)
        }
        let wasKilled = (place.group?.outOfMemoryKills() ?? 0) > killsBefore
        if !cancellation.isCancelled, let problem = problem(after: ended, launch, bundle, root) {
            throw problem
        }
        launch.finish().forEach(output)
        withExtendedLifetime(staging) {}
        return (Self.outcome(of: ended, outOfMemory: wasKilled), stubs.copies)
    }

    private func specification(
        in root: Directory, files: FilePath, group: ControlGroup?
    ) throws -> ContainerSpecification {
        var terminal: (rows: Int, columns: Int)?
        if process.streams == .inherited, HostFacts.isTerminal(0), let found = Terminal(descriptor: 1) {
            terminal = (found.rows, found.columns)
        }
        var initProgram: FilePath?
        if process.addInit {
            initProgram = InitProgram.find(searchPath: searchPath)
            if initProgram == nil { throw RuntimeError.noInit(searched: InitProgram.names) }
        }
        return ContainerSpecification(
            process: process, user: try UserResolution.resolve(process.user, in: root),
            host: .init(
                machine: HostFacts.kernel.machine, openFiles: HostFacts.openFiles, terminal: terminal,
                initProgram: initProgram, restrictsDevices: group?.restrictsDevices == true),
            files: files)
    }

    /// With streams that only pass by here, a runtime that cannot start the program says so to the person, in its own
    /// words. What looking at the root tells is told instead; but not where a mount may bring what is missing, nor
    /// where the kernel may know a format that we do not.
    private func foreseen(in root: Directory) -> RuntimeError? {
        guard process.streams == .inherited, process.mounts.isEmpty,
            !["/proc/", "/dev/", "/sys/"].contains(where: { process.arguments.first?.hasPrefix($0) == true })
        else { return nil }
        switch CommandLookup(root: root, machine: HostFacts.kernel.machine).problem(with: process) {
        case .wrongArchitecture?, .unknownFormat?, nil: return nil
        case let problem?: return problem
        }
    }

    /// Why the container did not start, if it did not. A runtime that fails says so in its log or as the first and last
    /// words of the container, and exits with an error.
    private func problem(
        after exit: ContainerSpawn.Exit, _ launch: LaunchOutput, _ bundle: RuntimeBundle, _ root: Directory
    ) -> RuntimeError? {
        guard case .exited(let code) = exit, [1, 125, 126, 127, 255].contains(code), !launch.hasPassed else {
            return nil
        }
        guard let message = bundle.readLog().message ?? RuntimeLog(launch.held).message else { return nil }
        if let found = CommandLookup(root: root, machine: HostFacts.kernel.machine).problem(with: process) {
            return found
        }
        return RuntimeLog.meaning(of: message, process: process)
            ?? .failed(runtime: runtime.path.string, message: message)
    }

    /// A runtime passes a death by signal on as 128 + signal, as shells do. Both mean the same here: a step is a shell
    /// nearly always, and its last command died of that signal.
    static func outcome(of exit: ContainerSpawn.Exit, outOfMemory: Bool) -> ProcessExit {
        switch exit {
        case .exited(0): .exited(0)
        // Any failure counts: the shell around the victim may end with a code of its own.
        case .exited where outOfMemory, .signaled where outOfMemory: .outOfMemory
        case .exited(let code) where (129...159).contains(code): .signaled(code - 128)
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signaled(signal)
        }
    }
}

/// A small first process that passes signals on and buries orphans, from the host.
enum InitProgram {
    /// Static ones first: they run in every root.
    static let names = ["docker-init", "catatonit", "tini-static", "tini", "dumb-init"]

    static func find(searchPath: String) -> FilePath? {
        let extra: [FilePath] = ["/usr/libexec/podman/catatonit", "/usr/libexec/docker/docker-init"]
        return names.lazy.compactMap { HostFacts.program($0, searchPath: searchPath) }.first
            ?? extra.first(where: HostFacts.isExecutable)
    }
}
