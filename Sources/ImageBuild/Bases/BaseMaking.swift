import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage

/// One base image in the making: what was found out about the host, and a directory to work in.
struct BaseMaking: Sendable {
    let request: BaseRequest
    let suite: String
    let sources: AptSources
    let settings: AptSettings
    let tool: HostTool
    let host: Directory
    let work: WorkDirectory
    private let content: ContentStore
    private let progress: @Sendable (BaseProgress) -> Void

    init(_ request: BaseRequest, builder: BaseBuilder, progress: @escaping @Sendable (BaseProgress) -> Void) async throws {
        self.request = request
        self.progress = progress
        content = builder.content
        var tool = try HostTool(environment: builder.environment)
        if let epoch = request.sourceDateEpoch { tool.variables["SOURCE_DATE_EPOCH"] = String(epoch) }
        // Before anything is downloaded: a missing program is told at once.
        if request.variant == .minbase { _ = try tool.locate("mmdebstrap", from: "mmdebstrap") }
        host = try Directory(opening: builder.environment.hostRoot)
        let release = try HostRelease(root: builder.environment.hostRoot)
        guard let suite = request.suite ?? release.suite else { throw BaseError.noSuite }
        self.suite = suite
        let architecture = Platform.host.architecture
        sources = try request.mirror.map { release.sources(mirror: $0, suite: suite, architecture: architecture) }
            ?? release.sources(for: suite, architecture: architecture)
        settings = try await AptSettings.read(with: tool, architecture: architecture)
        work = try WorkDirectory(in: builder.content.paths, isShared: !tool.environment.isRoot)
        tool.variables["TMPDIR"] = work.path.string
        self.tool = tool
    }

    func say(_ step: String) { progress(.step(step)) }

    /// A line of mmdebstrap's or apt's standard error.
    @Sendable func tell(_ line: String) {
        if let step = Mmdebstrap.step(in: line) { progress(.step(step)) }
        progress(.detail(line))
    }

    /// Where layers of this image begin.
    func newLayer(newest: Int64) throws -> (writer: RootWriter<LayerWriter>, ingest: Ingest) {
        let ingest = try content.ingest()
        return (RootWriter(try LayerWriter(to: ingest, compression: .gzip), newest: newest), ingest)
    }
}
