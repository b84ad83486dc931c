import OCI
import TestSupport
import Testing

@testable import Distribution

/// Who gets which proof: registries and token servers of a script.
struct AuthenticationTests {
    private static let scopes = "repository:team/app:pull"

    /// A token server: `number` counts its answers.
    private func tokens(_ answer: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply) async throws -> ScriptedServer {
        try await ScriptedServer(script: answer)
    }

    private func registry(_ image: SmallImage, realm: String, accepts: @escaping @Sendable (String) -> Bool) async throws -> ScriptedServer {
        try await ScriptedServer { request, _ in
            if accepts(request.headers["authorization"] ?? "") { return image.reply(request) }
            return .init(401, ["WWW-Authenticate": "Bearer realm=\"\(realm)/token?x=1\",service=\"a service\",scope=\"\(Self.scopes)\""])
        }
    }

    private func saved(_ registry: ScriptedServer, _ credentials: Credentials) throws -> (Puller, ImageFixture) {
        let fixture = try ImageFixture()
        let file = CredentialFile(path: fixture.path("auth.json"))
        try file.update { $0.set(credentials, for: CredentialNames(registry: "127.0.0.1:\(registry.port)", repository: "")) }
        return (try Puller { $0.credentials = CredentialStore(files: [file]) }, fixture)
    }

    @Test func anonymousTokensAreFetchedOnceAScope() async throws {
        let image = try SmallImage()
        let server = try await tokens { _, number in .init(200, body: Array(#"{"token":"t\#(number)","expires_in":100}"#.utf8)) }
        let registry = try await registry(image, realm: server.url) { $0.hasPrefix("Bearer t") }
        let puller = try Puller()
        try await puller.pull("127.0.0.1:\(registry.port)/team/app:1")
        #expect(server.requests.map(\.path) == ["/token?x=1&service=a%20service&scope=repository%3Ateam%2Fapp%3Apull"])
        #expect(server.requests[0].headers["authorization"] == nil)
        // When it has expired, it is not shown again.
        puller.clock.advance(.seconds(89))
        _ = try await puller.repository("127.0.0.1:\(registry.port)/team/app").tags()
        #expect(server.requests.count == 1)
        puller.clock.advance(.seconds(2))
        _ = try await puller.repository("127.0.0.1:\(registry.port)/team/app").tags()
        #expect(server.requests.count == 2)
        #expect(registry.requests.last?.headers["authorization"] == "Bearer t1")
    }

    @Test func passwordsGoToTheTokenServerAlone() async throws {
        let image = try SmallImage()
        let server = try await tokens { request, _ in
            request.headers["authorization"] == "Basic c29tZWJvZHk6c2VjcmV0" ? .init(200, body: Array(#"{"access_token":"good"}"#.utf8)) : .init(401)
        }
        let registry = try await registry(image, realm: server.url) { $0 == "Bearer good" }
        let (puller, fixture) = try saved(registry, .password(user: "somebody", password: "secret"))
        defer { withExtendedLifetime(fixture) {} }
        try await puller.pull("127.0.0.1:\(registry.port)/team/app:1")
        #expect(server.requests.first?.path.hasSuffix("&account=somebody") == true)
        #expect(registry.requests.allSatisfy { $0.headers["authorization"]?.hasPrefix("Basic") != true })
    }

    @Test func identityTokensAreExchanged() async throws {
        let image = try SmallImage()
        let server = try await tokens { _, _ in .init(200, body: Array(#"{"access_token":"good"}"#.utf8)) }
        let registry = try await registry(image, realm: server.url) { $0 == "Bearer good" }
        let (puller, fixture) = try saved(registry, .identityToken("id&1"))
        defer { withExtendedLifetime(fixture) {} }
        try await puller.pull("127.0.0.1:\(registry.port)/team/app:1")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.path == "/token?x=1")
        #expect(String(decoding: request.body, as: UTF8.self) == "service=a%20service&grant_type=refresh_token&client_id=jettison&refresh_token=id%261&scope=repository%3Ateam%2Fapp%3Apull")
    }

    @Test func refusedCredentialsAreNamed() async throws {
        let image = try SmallImage()
        let server = try await tokens { _, _ in .init(401, body: Array(#"{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}"#.utf8)) }
        let registry = try await registry(image, realm: server.url) { _ in false }
        let (puller, fixture) = try saved(registry, .password(user: "somebody", password: "secret"))
        defer { withExtendedLifetime(fixture) {} }
        let error = try await registryError { try await puller.pull("127.0.0.1:\(registry.port)/team/app:1") }
        #expect(error.reason == .credentialsRefused(user: "somebody"))
        #expect(error.help == "log in again: jettison login 127.0.0.1:\(registry.port)")
        #expect(!"\(error)".contains("secret"))
    }

    @Test func whoHasNoneIsToldToLogIn() async throws {
        let image = try SmallImage()
        let server = try await tokens { _, _ in .init(200, body: Array(#"{"token":"anonymous"}"#.utf8)) }
        let bearer = try await registry(image, realm: server.url) { _ in false }
        let basic = try await ScriptedServer { _, _ in .init(401, ["WWW-Authenticate": "Basic realm=x"]) }
        let strange = try await ScriptedServer { _, _ in .init(401, ["WWW-Authenticate": "Negotiate"]) }
        for registry in [bearer, basic, strange] {
            let error = try await registryError { try await Puller().pull("127.0.0.1:\(registry.port)/team/app:1") }
            #expect(error.reason == .credentialsMissing)
            #expect(error.help == "check the name; for a private one: jettison login 127.0.0.1:\(registry.port)")
        }
    }

    @Test func basicIsAnsweredOnce() async throws {
        let image = try SmallImage()
        let registry = try await ScriptedServer { request, _ in
            request.headers["authorization"] == "Basic c29tZWJvZHk6c2VjcmV0" ? image.reply(request) : .init(401, ["WWW-Authenticate": "Basic realm=x"])
        }
        let (puller, fixture) = try saved(registry, .password(user: "somebody", password: "secret"))
        defer { withExtendedLifetime(fixture) {} }
        try await puller.pull("127.0.0.1:\(registry.port)/team/app:1")
        #expect(registry.requests.dropFirst().count { $0.headers["authorization"] == nil } == 1)
    }

    @Test(arguments: [#"{"token":""}"#, #"{}"#, "[]", #"{"token":"a\r\nX: y"}"#, "<html>"])
    func tokensAreNotBelieved(body: String) async throws {
        let image = try SmallImage()
        let server = try await tokens { _, _ in .init(200, body: Array(body.utf8)) }
        let registry = try await registry(image, realm: server.url) { _ in false }
        let error = try await registryError { try await Puller().pull("127.0.0.1:\(registry.port)/team/app:1") }
        guard case .malformed = error.reason else { throw error }
    }

    @Test func redirectsElsewhereCarryNothing() async throws {
        let image = try SmallImage()
        let store = try await ScriptedServer { _, _ in .init(200, body: image.layer) }
        let registry = try await ScriptedServer { request, _ in
            guard request.headers["authorization"] != nil else { return .init(401, ["WWW-Authenticate": "Basic realm=x"]) }
            guard request.path.contains(image.layerDescriptor.digest.hex) else { return image.reply(request) }
            return .init(307, ["Location": "http://127.0.0.1:\(store.port)/signed?X-Amz-Signature=abc"])
        }
        let (puller, fixture) = try saved(registry, .password(user: "somebody", password: "secret"))
        defer { withExtendedLifetime(fixture) {} }
        try await puller.pull("127.0.0.1:\(registry.port)/team/app:1")
        #expect(store.requests.map(\.path) == ["/signed?X-Amz-Signature=abc"])
        #expect(store.requests.first?.headers["authorization"] == nil)
    }

    @Test func redirectsInACircleEnd() async throws {
        let image = try SmallImage()
        let registry = try await ScriptedServer { request, _ in request.path == "/v2/" ? image.reply(request) : .init(302, ["Location": request.path]) }
        let error = try await registryError { try await Puller().pull("127.0.0.1:\(registry.port)/team/app:1") }
        guard case .network(let inner) = error.reason, inner.reason == .redirects(10) else { throw error }
    }

    @Test func credentialsDoNotGoOutUnencrypted() throws {
        let host = try #require(RegistryHost.standard(for: "a.example"))
        let challenge = Challenge(scheme: "bearer", parameters: ["realm": "http://a.example/token"])
        #expect(throws: RegistryError.self) { try TokenServer(challenge, host: host, registry: "a.example", isSecret: true) }
        #expect(throws: Never.self) { try TokenServer(challenge, host: host, registry: "a.example", isSecret: false) }
    }
}
