import ContentStorage
import Crypto
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Distribution

/// Debian's docker-registry, over plain HTTP, TLS, passwords and tokens.
struct RealRegistryTests {
    private func push(_ image: SmallImage, to repository: RegistryRepository, tag: String = "1") async throws -> [Bool] {
        let source = try ImageFixture()
        let content = source.images.content
        _ = try content.store(image.layer)
        try content.store(image.config)
        try content.store(image.manifest)
        let there = Monitor<[Bool]>([])
        var options = ImageCopyOptions()
        options.progress = { _, wasThere in there.with { $0.append(wasThere) } }
        try await copyImage(image.manifest.descriptor, from: content, to: repository, options: options)
        try await repository.put(image.manifest.bytes, of: image.manifest.descriptor, as: tag)
        return there.with { $0 }
    }

    @Test(arguments: [nil, 100_000 as Int64?])
    func pushesAndPulls(chunk: Int64?) async throws {
        try await RegistryProcess.run { registry in
            let image = try SmallImage.large(1 << 20)
            let puller = try Puller { $0.chunkSize = chunk }
            let repository = try puller.repository(registry.name + "/team/app")
            #expect(try await push(image, to: repository) == [false, false, false])
            #expect(try await push(image, to: repository, tag: "2") == [true, true, true])
            #expect(try await repository.tags().sorted() == ["1", "2"])
            #expect(try await puller.pull(registry.name + "/team/app:2") == image.manifest.descriptor)
            try puller.store.images.content.verify(image.layerDescriptor.digest)
            let pieces = registry.log.split(separator: "\n").count { $0.contains("http.request.method=PATCH") && $0.contains("response completed") }
            #expect(pieces == (chunk == nil ? 0 : 11))
        }
    }

    @Test func mountsFromAnotherRepository() async throws {
        try await RegistryProcess.run { registry in
            let image = try SmallImage.large(1 << 16)
            let puller = try Puller()
            _ = try await push(image, to: puller.repository(registry.name + "/one"))
            var second = try puller.repository(registry.name + "/two")
            second.mountSources = { _ in ["two", "one"] }
            _ = try await push(image, to: second)
            #expect(try await puller.pull(registry.name + "/two:1") == image.manifest.descriptor)
            let uploads = registry.log.split(separator: "\n").count { $0.contains("http.request.method=PUT") && $0.contains("/v2/two/blobs/") }
            #expect(uploads == 0)
            // From where it is not, it is sent.
            var third = try puller.repository(registry.name + "/three")
            third.mountSources = { _ in ["nowhere"] }
            _ = try await push(image, to: third)
            #expect(try await third.resolve(Reference(parsing: registry.name + "/three:1")) == image.manifest.descriptor)
        }
    }

    @Test func aBlobThatIsGoneIsNamed() async throws {
        try await RegistryProcess.run { registry in
            let image = try SmallImage.large(1 << 16)
            let puller = try Puller()
            _ = try await push(image, to: puller.repository(registry.name + "/app"))
            let file = registry.blobFile(image.layerDescriptor.digest.hex)
            try Directory(opening: file.removingLastComponent()).remove("data")
            let error = try await registryError { try await puller.pull(registry.name + "/app:1") }
            #expect(error.reason == .blobUnknown(image.layerDescriptor.digest))
            #expect(!puller.store.images.content.holds(image.manifest.descriptor))
        }
    }

    @Test func aManifestWithoutItsBlobsIsRefused() async throws {
        try await RegistryProcess.run { registry in
            let image = try SmallImage()
            let repository = try Puller().repository(registry.name + "/app")
            let error = try await registryError { try await repository.put(image.manifest.bytes, of: image.manifest.descriptor, as: "1") }
            #expect(error.reason == .status(400) || error.reason == .manifestUnknown || error.reason == .status(404), "\(error)")
            #expect(error.said?.contains("MANIFEST_BLOB_UNKNOWN") == true)
        }
    }

    @Test func wrongBytesAreRefusedByTheRegistry() async throws {
        try await RegistryProcess.run { registry in
            let image = try SmallImage()
            let repository = try Puller().repository(registry.name + "/app")
            let error = try await registryError { try await repository.write(image.layerDescriptor, from: .memory(image.layer.reversed())) }
            #expect(error.said?.contains("DIGEST_INVALID") == true)
            #expect(try await repository.contains(image.layerDescriptor) == false)
        }
    }

    /// `certs.d` for one registry.
    private func hosts(_ registry: String, _ text: String) throws -> (RegistryHosts, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        try directory.directory.createDirectory(at: FilePath(registry))
        try directory.directory.writeFile(Array(text.utf8), at: FilePath(registry).appending("hosts.toml"))
        return (RegistryHosts(directories: [directory.path]), directory)
    }

    @Test func speaksTLSWithAnAuthorityOfItsOwn() async throws {
        var certificates = try await TestCertificates()
        certificates.demandsClient = true
        let fixed = certificates
        try await RegistryProcess.run(certificate: fixed) { registry in
            let image = try SmallImage()
            let client = "client = [[\"\(fixed.client.chain)\", \"\(fixed.client.key)\"]]\n"
            let (full, directory) = try hosts(registry.name, "ca = \"\(fixed.authority)\"\n" + client)
            defer { withExtendedLifetime(directory) {} }
            let puller = try Puller { $0.hosts = full }
            _ = try await push(image, to: puller.repository(registry.name + "/app"))
            #expect(try await puller.pull(registry.name + "/app:1") == image.manifest.descriptor)
            // Without the authority, and without a certificate of one's own.
            let (untrusting, other) = try hosts(registry.name, "server = \"https://\(registry.name)\"\n" + client)
            defer { withExtendedLifetime(other) {} }
            let error = try await registryError { try await Puller { $0.hosts = untrusting }.pull(registry.name + "/app:1") }
            guard case .network(let inner) = error.reason, case .tls = inner.reason else { throw error }
            #expect(error.help == "put the authority's certificate into /etc/jettison/certs.d/\(registry.name)/ca.crt")
            let (anonymous, third) = try hosts(registry.name, "ca = \"\(fixed.authority)\"\n")
            defer { withExtendedLifetime(third) {} }
            _ = try await registryError { try await Puller { $0.hosts = anonymous }.pull(registry.name + "/app:1") }
        }
    }

    @Test func loopbackIsFoundToSpeakTLS() async throws {
        let certificates = try await TestCertificates()
        try await RegistryProcess.run(certificate: certificates) { registry in
            let image = try SmallImage()
            let puller = try Puller()
            _ = try await push(image, to: puller.repository(registry.name + "/app"))
            #expect(try await puller.pull(registry.name + "/app:1") == image.manifest.descriptor)
        }
    }

    private func saved(_ registry: String, password: String, in fixture: ImageFixture) throws -> CredentialStore {
        let file = CredentialFile(path: fixture.path("auth.json"))
        try file.update { $0.set(.password(user: "somebody", password: password), for: CredentialNames(registry: registry, repository: "")) }
        return CredentialStore(files: [file])
    }

    @Test func passwords() async throws {
        try await RegistryProcess.run(.password) { registry in
            let image = try SmallImage()
            let fixture = try ImageFixture()
            let anonymous = try Puller()
            let missing = try await registryError { _ = try await push(image, to: anonymous.repository(registry.name + "/app")) }
            #expect(missing.reason == .credentialsMissing)
            let wrong = try Puller { [store = try saved(registry.name, password: "wrong", in: fixture)] in $0.credentials = store }
            let refused = try await registryError { try await wrong.pull(registry.name + "/app:1") }
            #expect(refused.reason == .credentialsRefused(user: "somebody"))
            let right = try Puller { [store = try saved(registry.name, password: "secret", in: fixture)] in $0.credentials = store }
            _ = try await push(image, to: right.repository(registry.name + "/app"))
            #expect(try await right.pull(registry.name + "/app:1") == image.manifest.descriptor)
            try await anonymous.client.check(.password(user: "somebody", password: "secret"), for: registry.name)
            let checked = try await registryError { try await anonymous.client.check(.password(user: "somebody", password: "x"), for: registry.name) }
            #expect(checked.reason == .credentialsRefused(user: "somebody"))
        }
    }

    /// Gives everybody what they ask for, signed: whoever shows the password may push, others may pull.
    private func tokenServer(_ certificates: TestCertificates) async throws -> ScriptedServer {
        let pem = try String(decoding: File(opening: FilePath(certificates.server.key)).readAll(), as: UTF8.self)
        let key = try P256.Signing.PrivateKey(pemRepresentation: pem)
        let chain = try String(decoding: File(opening: FilePath(certificates.server.chain)).readAll(), as: UTF8.self)
        let certificate = chain.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        return try await ScriptedServer { request, number in
            let isSomebody = request.headers["authorization"] == "Basic c29tZWJvZHk6c2VjcmV0"
            let fields = request.path.drop { $0 != "?" }.dropFirst().split(separator: "&").map { WebAddress.decoded(String($0)) }
            let access = fields.filter { $0.hasPrefix("scope=repository:") }.map { field -> String in
                let parts = field.dropFirst("scope=repository:".count).split(separator: ":")
                let actions = parts[1].split(separator: ",").filter { isSomebody || $0 == "pull" }.map { "\"\($0)\"" }.joined(separator: ",")
                return #"{"type":"repository","name":"\#(parts[0])","actions":[\#(actions)]}"#
            }.joined(separator: ",")
            let header = #"{"typ":"JWT","alg":"ES256","x5c":["\#(certificate)"]}"#
            let claims =
                #"{"iss":"test-issuer","sub":"","aud":"test-registry","exp":4102444800,"nbf":1,"iat":1,"jti":"\#(number)","access":[\#(access)]}"#
            let signed = Self.base64url(Array(header.utf8)) + "." + Self.base64url(Array(claims.utf8))
            guard let signature = try? key.signature(for: Array(signed.utf8)).rawRepresentation else { return .init(500) }
            return .init(200, body: Array(#"{"token":"\#(signed).\#(Self.base64url(Array(signature)))","expires_in":300}"#.utf8))
        }
    }

    private static func base64url(_ bytes: [UInt8]) -> String {
        String(Base64.encode(bytes).compactMap { $0 == "=" ? nil : $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    @Test func tokens() async throws {
        let certificates = try await TestCertificates()
        let server = try await tokenServer(certificates)
        let access = RegistryProcess.Access.tokens(
            realm: server.url + "/token", issuer: "test-issuer", certificate: FilePath(certificates.authority))
        try await RegistryProcess.run(access) { registry in
            let image = try SmallImage.large(1 << 16)
            let fixture = try ImageFixture()
            let somebody = try Puller { [store = try saved(registry.name, password: "secret", in: fixture)] in $0.credentials = store }
            _ = try await push(image, to: somebody.repository(registry.name + "/team/app"))
            let anonymous = try Puller()
            #expect(try await anonymous.pull(registry.name + "/team/app:1") == image.manifest.descriptor)
            let refused = try await registryError { _ = try await push(try SmallImage(layer: [1]), to: anonymous.repository(registry.name + "/team/app")) }
            #expect(refused.reason == .credentialsMissing)
            // One token for all requests that pull, one for all that push.
            #expect(server.requests.filter { $0.headers["authorization"] != nil }.count <= 3)
        }
    }
}
