package import BuildContext
package import Execution
package import OCI
package import Snapshots

/// What the solver works with. Everything that touches the world comes in here; tests bring doubles.
package struct SolverEnvironment: Sendable {
    package var snapshotter: any Snapshotter
    package var runtime: any ContainerRuntime
    package var cache: any CacheBackend
    /// Base layers.
    package var blobs: any BlobSource
    /// The build context as a tree; asked for only when a step needs it.
    package var context: @Sendable () throws -> SourceTree
    /// Other contexts, by their keys.
    package var namedContexts: [String: @Sendable () throws -> SourceTree] = [:]
    /// URLs and git repositories.
    package var remote: any RemoteFiles
    /// Digests of selections in snapshots, which never change.
    package var selections: SelectionMemo
    /// Keeps a snapshot that is older than this build from being collected while it runs.
    package var protect: @Sendable (SnapshotID) throws -> Void
    /// What the command line gave to steps that ask for it by name.
    package var secrets = BuildSecrets()
    package var agents = BuildAgents()
    package var cacheMounts: CacheMountStore
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64

    package init(
        snapshotter: any Snapshotter, runtime: any ContainerRuntime, cache: any CacheBackend, blobs: any BlobSource,
        context: @escaping @Sendable () throws -> SourceTree, remote: any RemoteFiles = NoRemoteFiles(),
        selections: SelectionMemo, cacheMounts: CacheMountStore,
        protect: @escaping @Sendable (SnapshotID) throws -> Void = { _ in }, now: @escaping @Sendable () -> Int64
    ) {
        self.snapshotter = snapshotter
        self.runtime = runtime
        self.cache = cache
        self.blobs = blobs
        self.context = context
        self.remote = remote
        self.selections = selections
        self.protect = protect
        self.cacheMounts = cacheMounts
        self.now = now
    }
}

/// How to solve, beside what: nothing here is part of a key.
package struct SolverOptions: Sendable {
    package var platform: Platform
    /// Nodes whose records are not looked up.
    package var uncached: Set<Int>
    /// How many nodes run at once.
    package var limit: Int
    package var memoryLimitBytes: Int64?
    package var sharedMemoryBytes: Int64
    package var resourceLimits: [ContainerProcess.ResourceLimit] = []
    /// Times of directories and files nobody else dates are set to it.
    package var sourceDateEpoch: Int64?

    package init(platform: Platform, limit: Int) {
        self.platform = platform
        self.limit = limit
        uncached = []
        sharedMemoryBytes = 64 << 20
    }
}

/// What a node came to.
package struct StepResult: Sendable, Hashable {
    /// nil: an empty root, or the context.
    package var snapshot: SnapshotID?
    /// What children's keys say about this root.
    package var identity: InputIdentity
    /// nil for bases and the context.
    package var record: CacheRecord?
    package var wasCached: Bool

    package init(snapshot: SnapshotID?, identity: InputIdentity, record: CacheRecord?, wasCached: Bool) {
        self.snapshot = snapshot
        self.identity = identity
        self.record = record
        self.wasCached = wasCached
    }
}
