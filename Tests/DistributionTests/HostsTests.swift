import HostSystem
import OCI
import SystemPackage
import Testing

@testable import Distribution

struct HostsTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func write(_ text: String, _ name: String) throws {
        let path = directory.path.pushing(FilePath(name))
        _ = try Directory.making(path.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    private func hosts(_ registry: String) throws -> [RegistryHost] {
        try RegistryHosts(directories: [directory.path.appending("absent"), directory.path]).hosts(for: registry)
    }

    @Test(arguments: [
        ("docker.io", "https://registry-1.docker.io/v2/x", false), ("ghcr.io", "https://ghcr.io/v2/x", false),
        ("localhost:5000", "http://localhost:5000/v2/x", true), ("127.0.0.1", "http://127.0.0.1/v2/x", true),
        ("127.9.8.7:1", "http://127.9.8.7:1/v2/x", true), ("[::1]:5000", "http://[::1]:5000/v2/x", true),
        ("127.0.0.1.example.com", "https://127.0.0.1.example.com/v2/x", false), ("localhost.example", "https://localhost.example/v2/x", false),
    ])
    func withoutConfiguration(registry: String, url: String, isGuessed: Bool) throws {
        let found = try hosts(registry)
        #expect(found.map { $0.url("x").text } == [url])
        #expect(found.first?.isGuessed == isGuessed)
        #expect(found.first?.credentialName == registry)
    }

    @Test func readsHostsFiles() throws {
        try write(
            """
            # mirrors
            server = "https://registry.example"

            [host."https://mirror.example:8443/some/path"]
              capabilities = ["pull", "resolve"]   # never pushed to
              ca = ["one.pem", '/abs/two.pem']
              client = [["client.pem", "client.key"]]
              override_path = true
              [host."https://mirror.example:8443/some/path".header]
                X-One = "1"
                X-Two = ["2", "3"]

            [host."http://plain.example"]
              skip_verify = true
              dial_timeout = "3s"
            """, "docker.io/hosts.toml")
        let found = try hosts("docker.io")
        #expect(found.map { $0.url("a").text } == ["https://mirror.example:8443/some/path/a", "http://plain.example/v2/a", "https://registry.example/v2/a"])
        #expect(found[0].capabilities == [.pull, .resolve])
        #expect(found[0].security.authorities == [directory.path.string + "/docker.io/one.pem", "/abs/two.pem"])
        #expect(found[0].security.client?.key == directory.path.string + "/docker.io/client.key")
        #expect(found[0].headers.map { "\($0.name)=\($0.value)" } == ["X-One=1", "X-Two=2", "X-Two=3"])
        #expect(found[0].credentialName == "mirror.example:8443")
        #expect(found[1].security.skipsVerification && found[1].capabilities.count == 3)
        #expect(found[2].credentialName == "docker.io" && found[2].security == TransportSecurity())
    }

    @Test func theRegistryItselfAmongTheHostsIsAskedOnce() throws {
        try write("server = 'https://a.example'\n[host.\"https://a.example\"]\nca = 'x.pem'\n[host.'https://b.example/v2']", "a.example/hosts.toml")
        #expect(try hosts("a.example").map { $0.url("x").text } == ["https://a.example/v2/x", "https://b.example/v2/x"])
    }

    @Test func dockersDirectoriesHoldCertificates() throws {
        for name in ["ca.crt", "me.cert", "me.key"] { try write("", "localhost:5000/" + name) }
        let host = try #require(try hosts("localhost:5000").first)
        #expect(host.address.text == "https://localhost:5000" && !host.isGuessed)
        #expect(host.security.authorities == [directory.path.string + "/localhost:5000/ca.crt"])
        #expect(host.security.client?.certificate == directory.path.string + "/localhost:5000/me.cert")
        try write("", "other.example/me.cert")
        let error = #expect(throws: RegistryError.self) { try hosts("other.example") }
        #expect(error?.description == "\(directory.path)/other.example has me.cert, but no me.key")
    }

    @Test func otherSpellingsOfDirectories() throws {
        try write("server = 'http://one.example'", "a.example_5000_/hosts.toml")
        try write("server = 'http://default.example'", "_default/hosts.toml")
        #expect(try hosts("a.example:5000").map(\.address.text) == ["http://one.example"])
        #expect(try hosts("b.example").map(\.address.text) == ["http://default.example"])
        #expect(try hosts("docker.io").map(\.address.text) == ["https://registry-1.docker.io"])
    }

    @Test(arguments: [
        ("server = 1", 1, "\"1\" is no value that is known here: strings, true, false and lists are"),
        ("\nserver = \"a", 2, "the string has no end"),
        ("server = 'https://a'\nserver = 'https://b'", 2, "\"server\" is set twice"),
        ("[host.\"ftp://x\"]", 1, "\"ftp://x\" is not an http or https address"),
        ("[host.\"https://x\"]\n\ncapabilities = [\"eat\"]", 3, "there is no capability \"eat\": pull, resolve and push are"),
        ("[host.\"https://x\"]\nskip_verify = 'yes'", 2, "\"skip_verify\" has to be true or false"),
        ("a = [\"x\"", 1, "the list has no end"),
        ("[[host]]", 1, "arrays of tables are not known here"),
        ("a = 'x' b = 'y'", 1, "a line break is missing here"),
        ("[a]\n[a]", 2, "this table is begun twice"),
        ("a = \"\\q\"", 1, "'\\q' is no escape of TOML"),
    ])
    func saysWhatIsWrong(text: String, line: Int, message: String) throws {
        try write(text, "a.example/hosts.toml")
        let error = #expect(throws: RegistryError.self) { try hosts("a.example") }
        #expect(error?.description == "\(directory.path)/a.example/hosts.toml:\(line): \(message)")
    }

    @Test func deepTablesAreRefused() throws {
        #expect(throws: TOMLError.self) { try TOMLTable(parsing: "a = " + String(repeating: "[", count: 100_000)) }
        #expect(throws: TOMLError.self) { try TOMLTable(parsing: Array(repeating: "a", count: 100_000).joined(separator: ".") + " = true") }
        #expect(try TOMLTable(parsing: "a.\"b c\".d = \"\\u00e9\\t\"").table("a")?.table("b c")?.string("d") == "é\t")
    }
}
