import FoundationEssentials
import HostSystem
import OCI
import SystemPackage

/// The directory a runtime is pointed at: `config.json`, the files it binds, and `rootfs`, the place where the root is
/// attached inside the runtime's own mount namespace and where the host sees an empty directory.
struct RuntimeBundle {
    let directory: Directory
    let path: FilePath

    var root: FilePath { path.appending("rootfs") }
    var log: FilePath { path.appending("log.json") }
    var state: FilePath { path.appending("state") }
    var stateInMemory: FilePath { path.pushing(MountStaging.memoryName).appending("state") }

    init(in session: RunsSession, named name: FilePath) throws(SystemError) {
        try session.directory.createDirectory(at: name, mode: 0o700)
        directory = try session.directory.directory(at: name, followLast: false)
        path = session.path.pushing(name)
        try directory.createDirectory(at: "rootfs")
    }

    /// - Parameter memory: what is attached at `MountStaging.memoryName` when the runtime runs: the specification is
    ///   written there alone, and so is the copy of it that the runtime keeps with its state.
    func write(_ spec: RuntimeSpec, in memory: Directory? = nil) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let bytes = try Array(encoder.encode(spec))
        guard let memory else { return try write(bytes, to: "config.json") }
        try memory.createFile(at: "config.json", mode: 0o600).write(bytes)
        try directory.createSymlink(at: "config.json", target: MountStaging.memoryName.pushing("config.json"))
    }

    func write(_ bytes: [UInt8], to name: FilePath) throws(SystemError) {
        try directory.createFile(at: name).write(bytes)
    }

    func readLog() -> RuntimeLog {
        RuntimeLog((try? directory.readFile(at: "log.json", limit: 1 << 20)) ?? [])
    }
}
