import HostSystem
import OCI
import SystemPackage

/// A mount of a process, ready for the runtime: its source is a path that exists where the runtime runs.
struct StagedMount {
    var spec: MountSpec
    /// What its target has to be.
    var isDirectory: Bool
    /// What is mounted, when a mount below it could be looked for in it: nobody can make its target there.
    var sealed: Directory?
}

/// Gets a process's mounts ready. File systems become detached mounts, which the runtime alone sees in its namespace;
/// secrets, sockets and whatever must not reach a disk lie in a file system in memory that is attached there too.
/// Everything is let go of with this object.
struct MountStaging {
    private(set) var mounts: [StagedMount] = []
    /// For the runtime's namespace.
    private(set) var attachments: [ContainerSpawn.Isolation.Attachment] = []
    private(set) var memory: DetachedMount?
    private var relays: [SocketRelay] = []
    private let bundle: RuntimeBundle

    static let memoryName: FilePath = "memory"
    /// Secrets are at most half a megabyte each; scripts are as long as a Dockerfile.
    private static let memorySize: Int64 = 256 << 20

    init(_ process: ContainerProcess, in bundle: RuntimeBundle) throws {
        self.bundle = bundle
        if !process.privateEnvironment.isEmpty { _ = try memoryDirectory() }
        for (index, mount) in process.mounts.enumerated() {
            guard mount.target.hasPrefix("/"), FilePath(mount.target).lexicallyNormalized() != "/" else {
                throw RuntimeError.badMount(target: mount.target, reason: "the target must be an absolute path below /")
            }
            mounts.append(try stage(mount, index))
        }
    }

    private mutating func stage(_ mount: ContainerProcess.Mount, _ index: Int) throws -> StagedMount {
        switch mount.kind {
        case .bind(let source, let readOnly):
            guard let metadata = try? FileMetadata(at: FilePath(source)) else {
                throw RuntimeError.mountSourceNotFound(path: source)
            }
            return bind(FilePath(source), at: mount.target, readOnly, isDirectory: metadata.kind == .directory)
        case .tmpfs(let size, let mode):
            var options = ["nosuid", "nodev", "mode=" + String(mode, radix: 8)]
            if let size { options.append("size=\(size)") }
            return StagedMount(
                spec: MountSpec(destination: mount.target, type: "tmpfs", source: "tmpfs", options: options),
                isDirectory: true)
        case .filesystem(let root, let path, let readOnly):
            return try stage(root, path, at: mount.target, readOnly, index)
        case .secret(let bytes, let owner, let mode):
            let name = try write(bytes, "secret-\(index)", owner: owner, mode: mode)
            return StagedMount(
                spec: MountSpec(
                    destination: mount.target, type: "bind", source: name.string,
                    options: ["rbind", "rprivate", "ro", "nosuid", "nodev", "noexec"]),
                isDirectory: false)
        case .scripts(let files):
            let directory = FilePath("scripts-\(index)")
            try memoryDirectory().createDirectory(at: directory, mode: 0o755)
            for (name, bytes) in files {
                _ = try write(bytes, directory.pushing(FilePath(name)).string, owner: FileOwner(uid: 0, gid: 0), mode: 0o755)
            }
            return bind(place(directory), at: mount.target, true, isDirectory: true)
        case .socket(let upstream, let owner, let mode):
            let name = "socket-\(index)"
            relays.append(
                try SocketRelay(
                    in: memoryDirectory(), named: name, to: FilePath(upstream), owner: owner, mode: mode))
            return bind(place(FilePath(name)), at: mount.target, false, isDirectory: false)
        }
    }

    private mutating func stage(
        _ root: RootFilesystem, _ path: String, at target: String, _ readOnly: Bool, _ index: Int
    ) throws -> StagedMount {
        let directory: Directory
        let host: FilePath
        switch root {
        case .directory(let path):
            directory = try Directory(opening: path)
            host = try directory.resolvedPath()
        case .overlay(let layout):
            let mount = try DetachedMount.overlay(layout)
            let name = FilePath("mount-\(index)")
            try bundle.directory.createDirectory(at: name)
            host = bundle.path.pushing(name)
            attachments.append(.init(mount, at: host))
            directory = mount.directory
        }
        let inner = FilePath(root: nil, FilePath(path).components)
        let metadata = try inner.isEmpty ? directory.metadata() : directory.metadata(at: inner, followLast: false)
        var staged = bind(host.pushing(inner), at: target, readOnly, isDirectory: metadata.kind == .directory)
        if readOnly, metadata.kind == .directory {
            staged.sealed = inner.isEmpty ? directory : try directory.directory(at: inner, followLast: false)
        }
        return staged
    }

    private func bind(_ source: FilePath, at target: String, _ readOnly: Bool, isDirectory: Bool) -> StagedMount {
        StagedMount(
            spec: MountSpec(
                destination: target, type: "bind", source: source.string,
                options: ["rbind", "rprivate", readOnly ? "ro" : "rw"]),
            isDirectory: isDirectory)
    }

    private mutating func write(
        _ bytes: [UInt8], _ name: String, owner: FileOwner, mode: UInt32
    ) throws -> FilePath {
        let file = try memoryDirectory().createFile(at: FilePath(name), mode: 0o600)
        try file.write(bytes)
        try file.setOwner(uid: owner.uid, gid: owner.gid)
        try file.setMode(mode)
        return place(FilePath(name))
    }

    private func place(_ name: FilePath) -> FilePath { bundle.path.pushing(Self.memoryName).pushing(name) }

    private mutating func memoryDirectory() throws -> Directory {
        if let memory { return memory.directory }
        let made = try DetachedMount.memory(sizeBytes: Self.memorySize, mode: 0o700)
        try bundle.directory.createDirectory(at: Self.memoryName, mode: 0o700)
        attachments.append(.init(made, at: bundle.path.pushing(Self.memoryName)))
        memory = made
        return made.directory
    }
}

