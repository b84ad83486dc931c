import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport

@testable import Distribution

/// A clock that nobody waits for: pauses are noted and over at once.
final class FakeClock: Sendable {
    private let state = Monitor<(now: Duration, pauses: [Duration])>((.zero, []))
    var pauses: [Duration] { state.with { $0.pauses } }
    func advance(_ time: Duration) { state.with { $0.now += time } }

    var policy: RetryPolicy {
        var policy = RetryPolicy()
        policy.chance = { 0 }
        policy.now = { self.state.with { $0.now } }
        policy.sleep = { pause in
            self.state.with {
                $0.now += pause
                $0.pauses.append(pause)
            }
        }
        return policy
    }
}

/// A small image and its documents, as a registry has them.
struct SmallImage: Sendable {
    let layer: [UInt8]
    let config: Document<ImageConfig>
    let manifest: Document<Manifest>

    init(layer: [UInt8] = Array("a layer, or something like it".utf8), type: MediaType = .manifest) throws {
        self.layer = layer
        var config = ImageConfig(platform: .host)
        config.rootfs.diffIDs = [DiffID(.sha256(of: layer))]
        self.config = try Document(config, mediaType: .config)
        let descriptor = Descriptor(mediaType: .layer, digest: .sha256(of: layer), size: Int64(layer.count))
        manifest = try Document(Manifest(mediaType: type, config: self.config.descriptor, layers: [descriptor]), mediaType: type)
    }

    var layerDescriptor: Descriptor { manifest.value.layers[0] }

    /// A large one, the same in every run.
    static func large(_ count: Int) throws -> SmallImage {
        var generator = SeededGenerator(seed: 7)
        return try SmallImage(layer: (0..<count / 8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } })
    }

    /// What a well-behaved registry answers for repository `team/app`, tag `1`.
    func reply(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
        let path = String(request.path.prefix { $0 != "?" })
        switch path {
        case "/v2/": return .init(200)
        case "/v2/team/app/manifests/1", "/v2/team/app/manifests/\(manifest.digest)":
            let headers = ["Content-Type": manifest.mediaType.rawValue, "Docker-Content-Digest": manifest.digest.description]
            return .init(200, headers, body: request.method == "HEAD" ? [] : manifest.bytes, length: manifest.bytes.count)
        case "/v2/team/app/blobs/\(config.digest)": return .init(200, body: config.bytes)
        case "/v2/team/app/blobs/\(layerDescriptor.digest)": return .init(200, body: layer)
        case "/v2/team/app/tags/list": return .init(200, body: Array(#"{"name":"team/app","tags":["1","1.1"]}"#.utf8))
        default: return .init(404, body: Array(#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#.utf8))
        }
    }
}

/// A client with a clock of its own, and a store to pull into.
struct Puller {
    let store: ImageFixture
    let client: RegistryClient
    let clock = FakeClock()

    init(_ configure: (inout RegistryClient.Settings) -> Void = { _ in }) throws {
        store = try ImageFixture()
        var settings = RegistryClient.Settings()
        settings.retry = clock.policy
        configure(&settings)
        client = RegistryClient(settings: settings)
    }

    func repository(_ name: String) throws -> RegistryRepository { client.repository(of: try Reference(parsing: name)) }

    @discardableResult
    func pull(_ name: String) async throws -> Descriptor {
        let reference = try Reference(parsing: name)
        let repository = client.repository(of: reference)
        let root = try await repository.resolve(reference)
        try await copyImage(root, from: repository, to: store.images.content)
        return root
    }

    /// Files of blobs in the store, temporary ones included.
    func blobs() throws -> Int { try store.storedFiles().count { $0.hasPrefix("blobs/") || $0.hasPrefix("tmp/") } }
}

/// The error of a registry that `body` throws.
func registryError(_ body: () async throws -> Void) async throws -> RegistryError {
    do { try await body() } catch let error as RegistryError { return error }
    throw NothingThrown()
}
struct NothingThrown: Error {}
