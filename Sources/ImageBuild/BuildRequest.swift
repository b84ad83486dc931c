package import BuildSolver
package import Diagnostics
package import Execution
package import OCI

/// Everything the user asked for, and nothing the machine found.
package struct BuildRequest: Sendable {
    /// Where the files come from.
    package enum Context: Sendable, Hashable {
        case directory(String)
        /// A Dockerfile or a tar archive on standard input, read to the end by the caller into a file.
        case standardInput(String)
        case url(String)
    }
    package enum Output: Sendable, Hashable {
        /// Into the store, under the request's tags.
        case store
        /// To the registries that the request's tags name.
        case registry
        /// An OCI layout as a tar archive, or a directory with `archive == false`.
        case layout(path: String, archive: Bool)
        case dockerArchive(path: String)
        /// The root filesystem's files.
        case directory(path: String)
        /// The root filesystem as a tar; `-` is standard output.
        case tar(path: String)
    }

    package var context: Context
    /// `-f`; nil looks for `Dockerfile`, `dockerfile`, `Containerfile` in the context.
    package var dockerfile: String?
    /// `-f -`: the Dockerfile itself, read from standard input.
    package var dockerfileText: SourceFile?
    /// `--build-context`, in the order given.
    package var namedContexts: [NamedContext] = []
    package var tags: [Reference]
    package var target: String?
    /// `K=V`; a nil value was `--build-arg K` without a value in the environment.
    package var buildArguments: [(name: String, value: String?)]
    package var labels: [(name: String, value: String)]
    package var annotations: [(name: String, value: String)]
    package var noCache: Bool
    package var noCacheStages: [String]
    package var pull: Bool
    package var platforms: [Platform]
    package var outputs: [Output]
    /// `host`, `none`, `default`.
    package var network: String
    package var extraHosts: [String]
    package var memoryLimitBytes: Int64?
    package var sharedMemoryBytes: Int64?
    package var resourceLimits: [ContainerProcess.ResourceLimit]
    /// `--secret`, by id.
    package var secrets: [String: BuildSecrets.Source]
    /// `--ssh`, by id.
    package var agents: [String: BuildAgents.Source]
    /// Seconds since 1970; every time in the image is clamped to it.
    package var sourceDateEpoch: Int64?

    package init(context: Context) {
        self.context = context
        tags = []
        buildArguments = []
        labels = []
        annotations = []
        noCache = false
        noCacheStages = []
        pull = false
        platforms = []
        outputs = [.store]
        network = "default"
        extraHosts = []
        resourceLimits = []
        secrets = [:]
        agents = [:]
    }
}
