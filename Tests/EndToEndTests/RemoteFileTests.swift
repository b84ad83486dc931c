import HostSystem
import OCI
import TestSupport
import Testing

/// ADD of URLs, over real connections to a server in this process.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct RemoteFileTests {
    /// Files that may change between builds; a tag and a time as a well-behaved server has them.
    private final class Site: Sendable {
        let files = Monitor<[String: (body: [UInt8], etag: String?, modified: String?)]>([:])
        let server: ScriptedServer

        init(_ initial: [String: String]) async throws {
            let files = files
            for (path, text) in initial { files.with { $0[path] = (Array(text.utf8), "\"1\"", "Sun, 06 Nov 1994 08:49:37 GMT") } }
            server = try await ScriptedServer { request, _ in
                guard let file = files.with({ $0[request.path] }) else { return .init(404) }
                if let etag = file.etag, request.headers["if-none-match"] == etag { return .init(304, ["ETag": etag]) }
                var headers: [String: String] = [:]
                headers["ETag"] = file.etag
                headers["Last-Modified"] = file.modified
                return .init(200, headers, body: request.method == "HEAD" ? [] : file.body, length: file.body.count)
            }
        }

        var url: String { server.url }
        var log: [String] { server.requests.map { $0.method + " " + $0.path } }
    }

    /// Mode, owner, size, time and path of what is below `d`.
    private static let list = "cd out && find d -printf '%M %U:%G %s %T@ %p\\n' | sed 's/\\.0* / /' | grep -v '^d' | LC_ALL=C sort -k5"

    @Test func landsAsBuildKitHasIt() async throws {
        let site = try await Site(["/a/file.txt": "hello", "/b%20c": "x", "/plain": "y"])
        site.files.with { $0["/plain"]?.modified = nil }
        let workspace = try await Workspace()
        try await workspace.write(
            """
            FROM base:test
            ADD \(site.url)/a/file.txt /d/
            ADD --chown=7:8 --chmod=0755 \(site.url)/a/file.txt /d/tool
            ADD \(site.url)/b%20c local.txt \(site.url)/plain /d/many/
            """, to: "c/Dockerfile")
        try await workspace.write("local", to: "c/local.txt")
        let tree = try await workspace.run(
            "touch -d @1000 c/local.txt; chmod 640 c/local.txt; jettison build -q -o out c >&2\n" + Self.list)
        #expect(
            tree == """
                -rw------- 0:0 5 784111777 d/file.txt
                -rw------- 0:0 1 784111777 d/many/b c
                -rw-r----- 0:0 5 1000 d/many/local.txt
                -rw------- 0:0 1 0 d/many/plain
                -rwxr-xr-x 7:8 5 784111777 d/tool

                """)
        #expect(site.log.sorted() == ["GET /a/file.txt", "GET /b%20c", "GET /plain"])
    }

    @Test func secretsProveWhoAsks() async throws {
        let server = try await ScriptedServer { request, _ in
            request.headers["authorization"] == "Bearer s3cr3t" ? .init(200, [:], body: Array("mine".utf8)) : .init(401)
        }
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM scratch\nADD \(server.url)/f /f\n", to: "c/Dockerfile")
        let output = try await workspace.shell(
            """
            printf 's3cr3t\\n' > token; printf 'two\\nlines\\n' > two
            jettison build -q --secret id=HTTP_AUTH_TOKEN_other.host,src=token c >/dev/null 2>&1 && echo 'sent to another'
            jettison build -q --secret id=HTTP_AUTH_TOKEN_127.0.0.1,src=two c 2>&1 | head -1
            jettison build -q --secret id=HTTP_AUTH_TOKEN_127.0.0.1,src=token -o out c >&2; cat out/f
            grep -rlaF s3cr3t "$JETTISON_ROOT"; true
            """)
        let refused = "error: the secret \"HTTP_AUTH_TOKEN_127.0.0.1\" cannot be sent: it is more than one line [fetch-failed]\n"
        #expect(output.text == refused + "mine", "\(output.standardError)")
    }

    @Test func historyShowsNoCredentials() async throws {
        let site = try await Site(["/f?token=hunter2": "x"])
        let workspace = try await Workspace(ownStore: true)
        let url = site.url.replacing("http://", with: "http://joe:hunter2@") + "/f?token=hunter2"
        try await workspace.write("FROM scratch\nADD \(url) /f\n", to: "c/Dockerfile")
        let output = try await workspace.shell(
            "jettison build -t x --progress rawjson --metadata-file m c; jettison history --no-trunc x; grep -rl hunter2 \"$JETTISON_ROOT\" m; echo end")
        #expect(output.status == 0)
        #expect(!output.text.contains("hunter2") && !output.standardError.contains("hunter2"), "\(output.text)\(output.standardError)")
        #expect(output.text.contains("ADD http://xxxxx@127.0.0.1"), "\(output.text)")
        #expect(output.text.hasSuffix("\nend\n") && !output.text.contains(workspace.store), "\(output.text)")
    }

    @Test func whatDidNotChangeIsNotFetched() async throws {
        let site = try await Site(["/f": "one"])
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM scratch\nADD \(site.url)/f /f\n", to: "c/Dockerfile")
        let build = "jettison build --progress plain c 2>&1 | grep 'ADD .* · cached' | wc -l"
        #expect(try await workspace.run(build) == "0\n")
        #expect(try await workspace.run(build) == "1\n")
        #expect(try await workspace.run("jettison build --plan c | grep -c cached.*ADD") == "1\n")
        #expect(site.log == ["GET /f", "GET /f", "HEAD /f"])
        #expect(site.server.requests.map { $0.headers["if-none-match"] } == [nil, "\"1\"", "\"1\""])
        site.files.with { $0["/f"] = (Array("two".utf8), "\"2\"", nil) }
        #expect(try await workspace.run("jettison build --plan c | grep -A1 'run.*ADD'").contains("because: what it fetches is new, or has changed"))
        #expect(try await workspace.run("jettison build -q -o out c >/dev/null; cat out/f") == "two")
        // The time is part of what shows, although the content is as before.
        site.files.with { $0["/f"] = (Array("two".utf8), "\"3\"", "Sun, 06 Nov 1994 08:49:37 GMT") }
        #expect(try await workspace.run(build) == "0\n")
        // A server without tags sends it again; it is the same.
        site.files.with { $0["/f"]?.etag = nil }
        #expect(try await workspace.run(build) == "1\n")
    }

    @Test func aChecksumNeedsNoServer() async throws {
        let site = try await Site(["/f": "one"])
        let workspace = try await Workspace(ownStore: true)
        let digest = Digest.sha256(of: "one")
        try await workspace.write("FROM scratch\nADD --checksum=\(digest) \(site.url)/f /f\n", to: "c/Dockerfile")
        try await workspace.run("jettison build -q c; jettison build -q c; jettison build -q --no-cache c")
        #expect(site.log == ["GET /f"])
    }

    @Test func aWrongChecksumIsShownAtTheFlag() async throws {
        let site = try await Site(["/f": "one"])
        let workspace = try await Workspace(ownStore: true)
        let wrong = Digest.sha256(of: "two")
        try await workspace.write("FROM scratch\nADD --checksum=\(wrong) \(site.url)/f /f\n", to: "c/Dockerfile")
        let output = try await workspace.shell("jettison build --progress plain c")
        #expect(output.status == 1)
        let right = Digest.sha256(of: "one")
        let column = "ADD --checksum=".count
        for line in [
            "error: \(site.url)/f is not what its checksum says [checksum-mismatch]", " --> Dockerfile:2:\(column + 1)",
            "  = note: expected \(wrong)", "  = note: fetched  \(right)", "  = help: if the new content is right, write --checksum=\(right)",
        ] {
            #expect(output.standardError.contains(line), "\(line)\n\(output.standardError)")
        }
    }

    @Test func unpacksWhenAsked() async throws {
        let workspace = try await Workspace()
        let made = try await workspace.shell("mkdir t; echo in > t/inner; tar -C t -czf - inner")
        let site = try await Site([:])
        site.files.with { $0["/a.tgz"] = (made.standardOutput, nil, nil) }
        try await workspace.write(
            "FROM scratch\nADD \(site.url)/a.tgz /d/as-it-is/\nADD --unpack \(site.url)/a.tgz /d/unpacked/\n", to: "c/Dockerfile")
        let tree = try await workspace.run("jettison build -q -o out c >&2; cd out; find d -type f | sort")
        #expect(tree == "d/as-it-is/a.tgz\nd/unpacked/inner\n")
    }

    @Test func whatCannotBeFetchedIsExplained() async throws {
        let site = try await Site([:])
        let workspace = try await Workspace()
        try await workspace.write("FROM scratch\nADD \(site.url)/gone /f\n", to: "c/Dockerfile")
        try await workspace.write("FROM scratch\nADD http://no-such-host.invalid/x /f\n", to: "n/Dockerfile")
        let gone = try await workspace.shell("jettison build --progress plain c")
        #expect(gone.status == 1)
        #expect(gone.standardError.contains("error: \(site.url)/gone: the server answers 404 (Not Found) [fetch-failed]\n --> Dockerfile:2:5"), "\(gone.standardError)")
        let nowhere = try await workspace.shell("jettison build --progress plain n")
        #expect(nowhere.standardError.contains("there is no host named \"no-such-host.invalid\""), "\(nowhere.standardError)")
    }

    @Test func aPruneForgetsWhatWasFetched() async throws {
        let site = try await Site(["/f": "one"])
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM scratch\nADD \(site.url)/f /f\n", to: "c/Dockerfile")
        try await workspace.run("jettison build -q c; jettison builder prune -af; find \"$JETTISON_ROOT/remote\" -type f -size +0 | wc -l | grep -x 0; jettison build -q c")
        #expect(site.server.requests.map { $0.headers["if-none-match"] } == [nil, nil])
    }
}
