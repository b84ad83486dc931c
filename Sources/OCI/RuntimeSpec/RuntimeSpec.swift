/// The `config.json` of a runtime bundle, as far as a builder writes one (runtime-spec config.md).
public struct RuntimeSpec: Hashable, Sendable, Codable {
    public var ociVersion = "1.0.2"
    public var process: ProcessSpec
    public var root: Root
    public var hostname: String?
    public var mounts: [MountSpec]
    public var linux: LinuxSpec
    public var annotations: [String: String]?

    public init(process: ProcessSpec, root: Root, mounts: [MountSpec] = [], linux: LinuxSpec = LinuxSpec()) {
        self.process = process
        self.root = root
        self.mounts = mounts
        self.linux = linux
    }

    /// The container's root filesystem; `path` may be relative to the bundle.
    public struct Root: Hashable, Sendable, Codable {
        public var path: String
        public var readonly: Bool
        public init(path: String, readonly: Bool = false) {
            self.path = path
            self.readonly = readonly
        }
    }
}
