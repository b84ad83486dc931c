import BuildContext
package import BuildSolver
package import ContentStorage
import Distribution
package import Execution
import HostSystem
package import Snapshots
package import SystemPackage

/// Where everything is: the one place that builds stores, snapshotter and runtime from paths and options.
package struct BuildEnvironment: Sendable {
    /// `--root`.
    package let root: FilePath
    /// Where to look for programs, like `PATH`.
    package let searchPath: String
    /// The user's environment variables: proxies, the ssh agent, certificates.
    let variables: [String: String]
    package let content: ContentStore
    package let images: ImageStore
    package let layers: LayerIndex
    /// Where images come from that the store does not have; nil when `JETTISON_OFFLINE` says that there is no network.
    let registry: RegistryClient?

    package init(root: String, searchPath: String, variables: [String: String] = [:]) {
        self.root = FilePath(root)
        self.searchPath = searchPath
        self.variables = variables
        content = ContentStore(root: self.root)
        images = ImageStore(root: self.root)
        layers = LayerIndex(root: self.root)
        let isOffline = !["", "0", "false"].contains(variables["JETTISON_OFFLINE"] ?? "")
        registry = isOffline ? nil : RegistryClient(settings: .init(environment: variables, userAgent: "jettison"))
    }

    /// Overlay where the kernel lets us mount one, copies where not. Decided by trying, once in a store's life: the
    /// directory that is there says what was decided.
    package func snapshotter() throws -> any Snapshotter {
        let overlay = root.appending("snapshots")
        let copies = root.appending("snapshots-copied")
        if HostIdentity.canMount {
            if exists(overlay) { return OverlaySnapshotter(directory: overlay) }
            if !exists(copies), OverlaySnapshotter.isUsable(in: overlay) { return OverlaySnapshotter(directory: overlay) }
        }
        return CopyingSnapshotter(directory: copies)
    }

    private func exists(_ path: FilePath) -> Bool { (try? FileMetadata(at: path)) != nil }

    package func runtime() -> CommandLineRuntime {
        CommandLineRuntime(runs: root.appending("runs"), searchPath: searchPath)
    }

    /// Removes what dead processes left behind. Cheap when there is nothing.
    func recover(_ snapshotter: any Snapshotter) throws {
        try snapshotter.recover()
        try runtime().recover()
    }

    var network: NetworkSettings { NetworkSettings(environment: variables) }

    var cache: LocalCache { LocalCache(directory: root.appending("cache")) }
    var selections: SelectionMemo { SelectionMemo(directory: root.appending("cache").appending("selections")) }
    package var cacheMounts: CacheMountStore { CacheMountStore(directory: root.appending("cache-mounts")) }
    var contexts: FilePath { root.appending("cache").appending("contexts") }
}
