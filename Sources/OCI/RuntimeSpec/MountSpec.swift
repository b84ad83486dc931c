/// A mount inside a container (runtime-spec config.md, "Mounts"); made in the order they are listed.
public struct MountSpec: Hashable, Sendable, Codable {
    /// Absolute, in the container.
    public var destination: String
    /// `proc`, `tmpfs`, `bind`, …
    public var type: String?
    /// A device name, or a path on the host (relative to the bundle) for binds.
    public var source: String?
    /// As in fstab: `rbind`, `ro`, `nosuid`, `size=64m`.
    public var options: [String]?

    public init(destination: String, type: String? = nil, source: String? = nil, options: [String]? = nil) {
        self.destination = destination
        self.type = type
        self.source = source
        self.options = options
    }
}
