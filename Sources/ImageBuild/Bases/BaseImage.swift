import Archives
import ContentStorage
import HostSystem
import OCI

/// The documents of a base image: one layer, and what a container made from it starts with. Pure: the same facts give
/// the same bytes.
struct BaseImage {
    var request: BaseRequest
    var suite: String
    var layer: WrittenLayer
    /// Seconds since 1970.
    var created: Int64
    var release: OSRelease
    /// `12.5`; empty when the release has none yet.
    var debianVersion: String
    var hasCertificateBundle: Bool

    struct Documents {
        var config: Document<ImageConfig>
        var manifest: Document<Manifest>
    }

    func documents() throws -> Documents {
        let time = Timestamp(seconds: created).rfc3339
        var config = ImageConfig(platform: .host)
        config.created = time
        config.config = container
        config.config?.labels = labels(created: time)
        config.rootfs = ImageConfig.RootFS(diffIDs: [layer.diffID])
        config.history = [History(created: time, createdBy: request.historyLine(suite: suite), comment: "jettison")]
        let document = try Document(config, mediaType: .config)
        let manifest = Manifest(config: document.descriptor, layers: [layer.descriptor])
        return Documents(config: document, manifest: try Document(manifest, mediaType: .manifest))
    }

    private var container: ContainerConfig {
        var container = ContainerConfig()
        container.env = [ContainerFiles.searchPath]
        switch request.variant {
        case .minbase: container.cmd = ["bash"]
        case .busybox: container.cmd = ["sh"]
        // Nothing in it is there for every user; and libraries do not look where our bundle is.
        case .distroless: if hasCertificateBundle { container.env?.append("SSL_CERT_FILE=/\(ContainerFiles.certificateBundle)") }
        }
        return container
    }

    /// The user's labels win over ours.
    private func labels(created: String) -> [String: String] {
        let name = release["PRETTY_NAME"] ?? suite
        var labels = [
            "org.opencontainers.image.created": created,
            "org.opencontainers.image.title": "\(release["ID"] ?? "debian")-\(suite)-\(request.variant.rawValue)",
            "org.opencontainers.image.description": "\(name), \(request.variant.rawValue), made from its packages by jettison",
        ]
        let version = debianVersion.isEmpty ? release["VERSION_ID"] : debianVersion
        if let version { labels["org.opencontainers.image.version"] = version }
        for label in request.labels { labels[label.name] = label.value }
        return labels
    }
}
