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

    init(in session: RunsSession, named name: FilePath) throws(SystemError) {
        try session.directory.createDirectory(at: name, mode: 0o700)
        directory = try session.directory.directory(at: name, followLast: false)
        path = session.path.pushing(name)
        try directory.createDirectory(at: "rootfs")
    }

    func write(_ spec: RuntimeSpec) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        try write(Array(encoder.encode(spec)), to: "config.json")
    }

    func write(_ bytes: [UInt8], to name: FilePath) throws(SystemError) {
        try directory.createFile(at: name).write(bytes)
    }

    func readLog() -> RuntimeLog {
        RuntimeLog((try? directory.readFile(at: "log.json", limit: 1 << 20)) ?? [])
    }
}
