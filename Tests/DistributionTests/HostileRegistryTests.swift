import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Distribution

/// Registries that break, lie and refuse, over real connections.
struct HostileRegistryTests {
    private func name(_ server: ScriptedServer, _ rest: String = "team/app:1") -> String { "127.0.0.1:\(server.port)/\(rest)" }

    /// A registry for `image` with one answer replaced.
    private func server(_ image: SmallImage, _ script: @escaping @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Reply?) async throws -> ScriptedServer {
        try await ScriptedServer { request, number in script(request, number) ?? image.reply(request) }
    }

    @Test func pullsWhatIsRight() async throws {
        let image = try SmallImage()
        let server = try await server(image) { _, _ in nil }
        let puller = try Puller()
        #expect(try await puller.pull(name(server)) == image.manifest.descriptor)
        for blob in [image.manifest.descriptor, image.config.descriptor, image.layerDescriptor] {
            #expect(puller.store.images.content.holds(blob))
        }
        // Once more: nothing but the question what the tag is.
        let before = server.requests.count
        try await puller.pull(name(server))
        #expect(server.requests[before...].map { "\($0.method) \($0.path)" }.sorted() == ["GET /v2/team/app/manifests/\(image.manifest.digest)", "HEAD /v2/team/app/manifests/1"])
    }

    @Test func goesOnWhereTheConnectionBroke() async throws {
        let image = try SmallImage.large(1 << 20)
        let size = image.layer.count
        let server = try await server(image) { request, _ in
            guard request.path.contains(image.layerDescriptor.digest.hex) else { return nil }
            guard let range = request.headers["range"] else { return .init(200, body: Array(image.layer[..<300_000]), length: size) }
            let start = Int(range.dropFirst("bytes=".count).dropLast()) ?? 0
            let end = min(start + 400_000, size)
            return .init(206, ["Content-Range": "bytes \(start)-\(size - 1)/\(size)"], body: Array(image.layer[start..<end]), length: size - start)
        }
        let puller = try Puller()
        try await puller.pull(name(server))
        #expect(puller.store.images.content.holds(image.layerDescriptor))
        let ranges = server.requests.filter { $0.path.contains(image.layerDescriptor.digest.hex) }.map { $0.headers["range"] ?? "all" }
        #expect(ranges.count >= 3 && ranges[0] == "all" && Set(ranges).count == ranges.count, "\(ranges)")
    }

    @Test func aServerWithoutRangesStartsOver() async throws {
        let image = try SmallImage.large(1 << 20)
        let server = try await server(image) { request, _ in
            guard request.path.contains(image.layerDescriptor.digest.hex), request.headers["range"] == nil else { return nil }
            return .init(200, body: Array(image.layer[..<500_000]), length: image.layer.count)
        }
        let puller = try Puller()
        try await puller.pull(name(server))
        try puller.store.images.content.verify(image.layerDescriptor.digest)
    }

    @Test func aConnectionThatAlwaysBreaksIsGivenUp() async throws {
        let image = try SmallImage.large(1 << 16)
        let server = try await server(image) { request, _ in
            request.path.contains(image.layerDescriptor.digest.hex) ? .init(200, body: [], length: image.layer.count) : nil
        }
        let puller = try Puller()
        let error = try await registryError { try await puller.pull(name(server)) }
        guard case .network(let inner) = error.reason else { throw error }
        #expect(inner.attempts == 5)
        #expect(puller.clock.pauses == [.milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2)])
        #expect(!puller.store.images.content.holds(image.layerDescriptor))
    }

    @Test func otherBytesAreRefusedAndNotKept() async throws {
        let image = try SmallImage()
        var other = image.layer
        other[3] ^= 1
        let bytes = other
        let server = try await server(image) { request, _ in
            request.path.contains(image.layerDescriptor.digest.hex) ? .init(200, body: bytes) : nil
        }
        let puller = try Puller()
        await #expect(throws: StorageError.self) { try await puller.pull(name(server)) }
        #expect(!puller.store.images.content.holds(image.layerDescriptor))
        #expect(!puller.store.images.content.holds(image.manifest.descriptor))
        #expect(try puller.store.storedFiles().allSatisfy { !$0.hasPrefix("tmp/") })
    }

    @Test func longerBodiesAreRefusedAtOnce() async throws {
        let image = try SmallImage()
        let long = image.layer + [UInt8](repeating: 0, count: 1 << 20)
        let announced = try await server(image) { request, _ in
            request.path.contains(image.layerDescriptor.digest.hex) ? .init(200, body: long) : nil
        }
        let chunk = String(long.count, radix: 16)
        let silent = try await server(image) { request, _ in
            request.path.contains(image.layerDescriptor.digest.hex)
                ? .init(raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunk)\r\n" + String(decoding: long, as: UTF8.self) + "\r\n0\r\n\r\n") : nil
        }
        for server in [announced, silent] {
            let puller = try Puller()
            let error = try await registryError { try await puller.pull(name(server)) }
            guard case .wrongSize(image.layerDescriptor.digest, Int64(image.layer.count), let found) = error.reason else { throw error }
            #expect(found > image.layer.count)
            #expect(try puller.blobs() <= 1, "only the config")
        }
    }

    @Test func tooManyRequestsAreWaitedFor() async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, _ in
            request.path == "/v2/" || request.method == "GET" ? nil : .init(429, ["Retry-After": "7"])
        }
        let puller = try Puller()
        let error = try await registryError { try await puller.pull(name(server)) }
        #expect(error.reason == .tooManyRequests(after: .seconds(7)))
        #expect(error.attempts == 5)
        #expect(puller.clock.pauses == Array(repeating: .seconds(7), count: 4))
    }

    @Test func aLongRestIsNotWaitedFor() async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, _ in request.path == "/v2/" ? nil : .init(429, ["Retry-After": "3600"]) }
        let puller = try Puller()
        let error = try await registryError { try await puller.pull(name(server)) }
        #expect(error.description.contains("it wants 3600 seconds of rest"))
        #expect(puller.clock.pauses.isEmpty)
    }

    @Test func serverErrorsPass() async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, number in [1, 2, 4].contains(number) ? .init(500) : nil }
        let puller = try Puller()
        try await puller.pull(name(server))
        #expect(puller.clock.pauses == [.milliseconds(250), .milliseconds(500), .milliseconds(250)])
    }

    @Test(arguments: [
        "application/vnd.docker.distribution.manifest.v1+prettyjws", "application/vnd.docker.distribution.manifest.v1+json", "application/json",
    ])
    func schema1IsRefusedInWords(type: String) async throws {
        let image = try SmallImage()
        let body = Array(#"{"schemaVersion":1,"name":"team/app","tag":"1","fsLayers":[]}"#.utf8)
        let server = try await server(image) { request, _ in
            request.path.hasPrefix("/v2/team/app/manifests/1") ? .init(200, ["Content-Type": type], body: request.method == "HEAD" ? [] : body, length: body.count) : nil
        }
        let error = try await registryError { try await Puller().pull(name(server)) }
        #expect(error.reason == .schema1)
        #expect(error.description.hasSuffix("/team/app:1 is in docker's first image format (schema 1), which nobody builds from any more"))
    }

    struct Manifesto: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body: [UInt8]
        var isExpected: @Sendable (RegistryError.Reason) -> Bool
    }

    @Test(arguments: [
        Manifesto(testDescription: "no JSON", body: Array("<html>".utf8)) { if case .malformed = $0 { true } else { false } },
        Manifesto(testDescription: "deep", body: Array(repeating: UInt8(ascii: "["), count: 1 << 20)) { if case .malformed = $0 { true } else { false } },
        Manifesto(testDescription: "long", body: [UInt8](repeating: 32, count: 4 << 20 | 1)) { if case .tooLong = $0 { true } else { false } },
        Manifesto(testDescription: "empty", body: []) { if case .malformed = $0 { true } else { false } },
        Manifesto(testDescription: "a Helm chart", body: Array(#"{"schemaVersion":2,"mediaType":"application/x\u0007thing"}"#.utf8)) {
            $0 == .notAnImage(MediaType(rawValue: "application/x thing"))
        },
    ])
    func manifestsAreNotBelieved(manifesto: Manifesto) async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, _ in
            guard request.path.hasPrefix("/v2/team/app/manifests/1") else { return nil }
            return request.method == "HEAD" ? .init(405) : .init(200, ["Content-Type": "application/json"], body: manifesto.body)
        }
        let error = try await registryError { try await Puller().pull(name(server)) }
        #expect(manifesto.isExpected(error.reason), "\(error)")
    }

    @Test func aDigestIsWhatItSays() async throws {
        let image = try SmallImage()
        let other = try SmallImage(layer: [1, 2, 3])
        // By digest, other bytes; by tag, other bytes than its own header promises.
        let server = try await server(image) { request, _ in
            guard request.method == "GET", request.path.contains("/manifests/") else { return nil }
            return .init(200, ["Content-Type": MediaType.manifest.rawValue, "Docker-Content-Digest": image.manifest.digest.description], body: other.manifest.bytes)
        }
        for rest in ["team/app@\(image.manifest.digest)", "team/app:1"] {
            let error = try await registryError { try await Puller().pull(name(server, rest)) }
            #expect(error.reason == .wrongDigest(expected: image.manifest.digest, found: other.manifest.digest))
        }
    }

    @Test func nearTagsAreKnown() async throws {
        let image = try SmallImage()
        let server = try await server(image) { _, _ in nil }
        let error = try await registryError { try await Puller().pull(name(server, "team/app:1.2")) }
        #expect(error.reason == .manifestUnknown)
        #expect(error.known == ["1", "1.1"])
        #expect(error.description == "127.0.0.1:\(server.port) has no image 127.0.0.1:\(server.port)/team/app:1.2")
    }

    @Test func aLostBlobIsNamed() async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, _ in
            request.path.contains(image.layerDescriptor.digest.hex) ? .init(404, body: Array(#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#.utf8)) : nil
        }
        let error = try await registryError { try await Puller().pull(name(server)) }
        #expect(error.reason == .blobUnknown(image.layerDescriptor.digest))
    }

    @Test func textOfServersIsMadeFit() async throws {
        let image = try SmallImage()
        let server = try await server(image) { request, _ in
            request.path == "/v2/" ? nil : .init(403, body: Array(#"{"errors":[{"code":"DENIED","message":"no\u001b[31m\nway\u202e\#(String(repeating: "x", count: 9000))"}]}"#.utf8))
        }
        let error = try await registryError { _ = try await Puller().repository(name(server)).tags() }
        #expect(error.reason == .forbidden(user: nil))
        #expect(error.description.hasPrefix("you may not do this with 127.0.0.1:\(server.port)/team/app"))
        #expect(error.said?.hasPrefix("DENIED: no [31m way xxx") == true)
        #expect((error.said?.count ?? 0) < 250)
    }

    @Test func mirrorsAreAskedFirstAndForgiven() async throws {
        let image = try SmallImage()
        let broken = try await ScriptedServer { _, _ in .init(404) }
        let good = try await server(image) { _, _ in nil }
        let directory = try ImageFixture()
        let text = "server = \"http://127.0.0.1:1\"\n[host.\"http://127.0.0.1:\(broken.port)\"]\n[host.\"http://127.0.0.1:\(good.port)\"]\ncapabilities = ['pull', 'resolve']\n"
        _ = try Directory.making(directory.path("a.example"))
        try AtomicFile.write(Array(text.utf8), to: directory.path("a.example").appending("hosts.toml"))
        let puller = try Puller { $0.hosts = RegistryHosts(directories: [directory.directory.path]) }
        try await puller.pull("a.example/team/app:1")
        #expect(puller.store.images.content.holds(image.layerDescriptor))
        #expect(broken.requests.first?.path == "/v2/team/app/manifests/1?ns=a.example")
        // It may not be pushed to, and the registry itself is not there.
        let error = try await registryError { try await puller.repository("a.example/team/app").write(image.layerDescriptor, from: .memory(image.layer)) }
        #expect(good.requests.allSatisfy { $0.method != "POST" })
        guard case .network(let inner) = error.reason, inner.reason == .refused else { throw error }
    }
}
