import HostSystem
import OCI
import TestSupport
import Testing

@testable import Distribution

/// Over real connections to a server that misbehaves on purpose.
struct DownloadTests {
    private struct Collector: DownloadSink {
        var bytes: [UInt8] = []
        var restarts = 0
        mutating func write(_ more: UnsafeRawBufferPointer) { bytes += more }
        mutating func restart() {
            bytes = []
            restarts += 1
        }
    }

    private static var quick: DownloadPatience {
        var patience = DownloadPatience()
        patience.pause = .milliseconds(1)
        patience.longestPause = .milliseconds(5)
        patience.silence = .seconds(20)
        patience.attempts = 3
        return patience
    }

    private func fetch(
        _ url: String, headers: [(name: String, value: String)] = [], limit: Int64 = 1 << 30,
        settings: NetworkSettings = NetworkSettings(), authorization: String? = nil, patience: DownloadPatience = quick
    ) async throws -> (HTTPAnswer, Collector) {
        var sink = Collector()
        let address = try #require(WebAddress(parsing: url))
        let answer = try await HTTPDownload(settings: settings, patience: patience)
            .get(HTTPRequest(address, headers: headers, authorization: authorization, limit: limit), into: &sink)
        return (answer, sink)
    }

    private func failure(_ url: String, limit: Int64 = 1 << 30, settings: NetworkSettings = NetworkSettings()) async -> HTTPError? {
        do {
            _ = try await fetch(url, limit: limit, settings: settings)
            return nil
        } catch { return error as? HTTPError }
    }

    @Test func fetches() async throws {
        let body = [UInt8](repeating: 7, count: 300_000)
        let server = try await ScriptedServer { _, _ in
            .init(200, ["ETag": "\"a\"", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT"], body: body)
        }
        let (answer, sink) = try await fetch(server.url + "/file?x=1")
        #expect(sink.bytes == body)
        #expect(answer == HTTPAnswer(status: 200, etag: "\"a\"", lastModified: "Sun, 06 Nov 1994 08:49:37 GMT", contentType: nil, length: 300_000))
        let request = try #require(server.requests.first)
        #expect(request.path == "/file?x=1")
        #expect(request.headers["user-agent"] == "jettison")
        #expect(request.headers["accept-encoding"] == "identity")
    }

    @Test func asksConditionally() async throws {
        let server = try await ScriptedServer { request, _ in .init(request.headers["if-none-match"] == "\"a\"" ? 304 : 200) }
        let (answer, _) = try await fetch(server.url, headers: [("If-None-Match", "\"a\"")])
        #expect(answer.status == 304)
    }

    @Test func redirectsKeepCredentialsToTheirHost() async throws {
        let other = try await ScriptedServer { _, _ in .init(body: [1]) }
        let server = try await ScriptedServer { request, _ in
            request.path == "/a" ? .init(302, ["Location": "b"]) : .init(307, ["Location": "\(other.url)/c"])
        }
        let (_, sink) = try await fetch("http://joe:hunter2@127.0.0.1:\(server.port)/a")
        #expect(sink.bytes == [1])
        #expect(server.requests.map { $0.headers["authorization"] } == ["Basic am9lOmh1bnRlcjI=", "Basic am9lOmh1bnRlcjI="])
        #expect(other.requests.map { $0.headers["authorization"] } == [nil])
    }

    @Test func redirectsAreBounded() async throws {
        let server = try await ScriptedServer { _, _ in .init(302, ["Location": "/again"]) }
        let error = await failure(server.url)
        #expect(error?.reason == .redirects(10))
        #expect(server.requests.count == 11)
    }

    @Test func redirectsElsewhereAreRefused() async throws {
        let server = try await ScriptedServer { _, _ in .init(302, ["Location": "file:///etc/passwd"]) }
        #expect(await failure(server.url)?.reason == .redirectTarget("file:///etc/passwd"))
    }

    @Test func resumesWhereItWasCut() async throws {
        let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let server = try await ScriptedServer { request, number in
            guard number > 0 else { return .init(200, ["ETag": "\"v1\""], body: Array(body[..<40_000]), length: body.count) }
            let start = Int(request.headers["range"]?.dropFirst(6).dropLast() ?? "") ?? 0
            // The second connection is cut as well.
            let end = number == 1 ? 70_000 : body.count
            return .init(
                206, ["Content-Range": "bytes \(start)-\(body.count - 1)/\(body.count)"], body: Array(body[start..<end]),
                length: body.count - start)
        }
        let (_, sink) = try await fetch(server.url)
        #expect(sink.bytes == body)
        #expect(sink.restarts == 0)
        // How much of what was sent arrived is the network's business.
        let starts = server.requests.map { $0.headers["range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0 }
        #expect(starts.count == 3 && starts[0] == 0 && starts[0] < starts[1] && starts[1] < starts[2] && starts[2] <= 70_000, "\(starts)")
        #expect(server.requests.last?.headers["if-range"] == "\"v1\"")
    }

    @Test func startsOverWhenTheFileChanged() async throws {
        let server = try await ScriptedServer { _, number in
            number == 0
                ? .init(200, ["ETag": "\"v1\""], body: [1, 1, 1], length: 10) : .init(200, ["ETag": "\"v2\""], body: [2, 2])
        }
        let (answer, sink) = try await fetch(server.url)
        #expect(sink.bytes == [2, 2])
        #expect(sink.restarts == 1)
        #expect(answer.etag == "\"v2\"")
    }

    @Test func startsOverWithoutAValidator() async throws {
        let server = try await ScriptedServer { request, number in
            request.headers["range"] == nil && number > 0 ? .init(body: [5, 6, 7]) : .init(200, ["ETag": "W/\"weak\""], body: [5], length: 3)
        }
        #expect(try await fetch(server.url).1.bytes == [5, 6, 7])
    }

    @Test func aRangeThatIsAnotherIsNotTaken() async throws {
        let server = try await ScriptedServer { request, number in
            switch number {
            case 0: .init(200, ["ETag": "\"v\""], body: [1, 2], length: 4)
            case 1: .init(206, ["Content-Range": "bytes 0-3/4"], body: [1, 2, 3, 4])
            default: .init(body: [1, 2, 3, 4])
            }
        }
        #expect(try await fetch(server.url).1.bytes == [1, 2, 3, 4])
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func triesAgain(_ status: Int) async throws {
        let server = try await ScriptedServer { _, number in
            number == 0 ? .init(status, ["Retry-After": "0"]) : .init(body: [9])
        }
        #expect(try await fetch(server.url).1.bytes == [9])
        #expect(server.requests.count == 2)
    }

    @Test func givesUp() async throws {
        let server = try await ScriptedServer { _, _ in .init(503, ["Retry-After": "3600"]) }
        let error = await failure(server.url)
        #expect(error?.reason == .status(503))
        #expect(error?.attempts == 3)
        #expect(server.requests.count == 3)
    }

    @Test func doesNotInsist() async throws {
        let server = try await ScriptedServer { _, _ in .init(404) }
        let error = await failure("http://joe:hunter2@127.0.0.1:\(server.port)/gone?token=abc")
        #expect("\(try #require(error))" == "http://xxxxx@127.0.0.1:\(server.port)/gone?token=xxxxx: the server answers 404 (Not Found)")
        #expect(server.requests.count == 1)
    }

    @Test func silenceEnds() async throws {
        let server = try await ScriptedServer { _, number in number < 2 ? .silence : .init(body: [3]) }
        var patience = Self.quick
        (patience.silence, patience.attempts) = (.seconds(1), 20)
        #expect(try await fetch(server.url, patience: patience).1.bytes == [3])
    }

    @Test func sizesAreBounded() async throws {
        let server = try await ScriptedServer { request, _ in
            request.path == "/said" ? .init(body: [], length: 1000) : .init(raw: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 1000))
        }
        #expect(await failure(server.url + "/said", limit: 999)?.reason == .tooLarge(limit: 999))
        #expect(await failure(server.url + "/unsaid", limit: 999)?.reason == .tooLarge(limit: 999))
    }

    @Test func aRefusedConnectionIsSaidAtOnce() async throws {
        // A port that was just given back.
        let server = try await ScriptedServer { _, _ in .init() }
        try await server.stop()
        let error = await failure(server.url)
        #expect(error?.reason == .refused)
    }

    @Test func anUnknownNameIsSaidAtOnce() async throws {
        #expect(await failure("http://no-such-host.invalid/")?.reason == .nameNotFound)
    }

    @Test func garbageIsNoAnswer() async throws {
        let server = try await ScriptedServer { _, _ in .init(raw: "SSH-2.0-OpenSSH_9.2\r\n") }
        #expect(await failure(server.url) != nil)
    }

    @Test func theSinksOwnFailureComesOut() async throws {
        struct Full: Error {}
        struct FullSink: DownloadSink {
            func write(_ bytes: UnsafeRawBufferPointer) throws { throw Full() }
            func restart() {}
        }
        let server = try await ScriptedServer { _, _ in .init(body: [1]) }
        var sink = FullSink()
        let request = HTTPRequest(try #require(WebAddress(parsing: server.url)))
        await #expect(throws: Full.self) {
            _ = try await HTTPDownload(settings: NetworkSettings(), patience: Self.quick).get(request, into: &sink)
        }
        #expect(server.requests.count == 1)
    }

    @Test func goesThroughAProxy() async throws {
        let server = try await ScriptedServer { request, _ in
            request.method == "CONNECT" ? .init(403) : .init(500)
        }
        var settings = NetworkSettings()
        settings.httpProxy = "http://joe:pw@127.0.0.1:\(server.port)"
        let error = await failure("http://example.invalid/x", settings: settings)
        #expect(error?.reason == .proxy("the proxy refuses to connect"))
        let request = try #require(server.requests.first)
        #expect(request.method == "CONNECT")
        #expect(request.path == "example.invalid:80")
        #expect(request.headers["proxy-authorization"] == "Basic am9lOnB3")
    }

    @Test func trustsWhomItIsTold() async throws {
        let made = try await ShellCommand.run(
            """
            set -e; d=$(mktemp -d); cd "$d"
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem 2>/dev/null
            openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out r.csr 2>/dev/null
            printf 'subjectAltName=DNS:localhost' > ext
            openssl x509 -req -in r.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert.pem 2>/dev/null
            pwd
            """)
        try #require(made.status == 0, "\(made.standardError)")
        let folder = String(made.text.dropLast())
        let server = try await ScriptedServer(certificate: (folder + "/cert.pem", folder + "/key.pem")) { _, _ in .init(body: [4]) }
        let url = "https://localhost:\(server.port)/"
        var settings = NetworkSettings()
        settings.certificateFile = folder + "/ca.pem"
        #expect(try await fetch(url, settings: settings).1.bytes == [4])
        guard case .tls = await failure(url)?.reason else {
            Issue.record("a certificate of nobody is accepted")
            return
        }
        settings.certificateFile = folder + "/missing.pem"
        #expect(await failure(url, settings: settings)?.reason == .certificates(file: folder + "/missing.pem"))
        _ = try await ShellCommand.run(#"rm -rf "$1""#, [folder])
    }
}
