import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Distribution

struct CredentialTests {
    private let directory: TemporaryDirectory
    private var file: CredentialFile { CredentialFile(path: directory.path.appending("docker/config.json")) }

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ text: String, _ name: String = "docker/config.json", mode: UInt32 = 0o600) throws {
        let path = directory.path.pushing(FilePath(name))
        _ = try Directory.making(path.removingLastComponent())
        try AtomicFile.write(Array(text.utf8), to: path, mode: mode)
    }

    private func find(_ registry: String, _ repository: String = "team/app") async throws -> Credentials? {
        try await CredentialStore(files: [file], environment: ["PATH": directory.path.string + ":/usr/bin:/bin"])
            .credentials(for: CredentialNames(registry: registry, repository: repository))
    }

    private static let somebody = Credentials.password(user: "somebody", password: "se:cret")

    @Test(arguments: [
        ("example.com", "example.com"), ("https://example.com", "example.com"), ("https://example.com/v1/", "example.com"),
        ("example.com:5000", "example.com:5000"), ("https://index.docker.io/v1/", "docker.io"), ("docker.io", "docker.io"),
        ("index.docker.io", "docker.io"), ("example.com/team", "example.com"), ("example.com/team/app", "example.com"),
    ])
    func findsByHost(key: String, registry: String) async throws {
        try write(#"{"auths": {"\#(key)": {"auth": "c29tZWJvZHk6c2U6Y3JldA=="}}}"#)
        #expect(try await find(registry) == Self.somebody)
        #expect(try await find("other.example") == nil)
    }

    @Test func theLongestPathWins() async throws {
        try write(
            """
            {"auths": {"e.com": {"username": "host", "password": "1"}, "e.com/team": {"username": "team", "password": "2"},
             "e.com/team/app": {"username": "app", "password": "3"}, "e.com/tea": {"username": "tea", "password": "4"}}}
            """)
        #expect(try await find("e.com", "team/app")?.user == "app")
        #expect(try await find("e.com", "team/other")?.user == "team")
        #expect(try await find("e.com", "teams")?.user == "host")
    }

    @Test func tokensStandBeforePasswords() async throws {
        try write(#"{"auths": {"a.b": {"auth": "c29tZWJvZHk6eA==", "identitytoken": "id"}, "c.d": {"registrytoken": "rt"}, "e.f": {}, "g.h": {"auth": "!!"}}}"#)
        #expect(try await find("a.b") == .identityToken("id"))
        #expect(try await find("c.d") == .registryToken("rt"))
        #expect(try await find("e.f") == nil)
        #expect(try await find("g.h") == nil)
    }

    @Test func whatIsNoJSONIsSaid() async throws {
        try write("{\"auths\": ")
        await #expect(throws: CredentialError.self) { try await find("a.b") }
        try write("")
        #expect(try await find("a.b") == nil)
    }

    @Test func helpersAreAsked() async throws {
        try write(#"{"credHelpers": {"helped.example": "one"}, "credsStore": "two", "auths": {"plain.example": {"username": "u", "password": "p"}}}"#)
        let script = { (name: String) in
            """
            #!/bin/sh
            read -r host
            case "$1 $host" in
              "get helped.example") echo '{"ServerURL":"x","Username":"\(name)","Secret":"s"}' ;;
              "get token.example") echo '{"ServerURL":"x","Username":"<token>","Secret":"identity"}' ;;
              "get https://index.docker.io/v1/") echo '{"Username":"hub","Secret":"s"}' ;;
              "get broken.example") echo 'the keyring is locked'; exit 1 ;;
              "get garbage.example") echo 'hunter2' ;;
              *) echo 'credentials not found in native keychain'; exit 1 ;;
            esac
            """
        }
        try write(script("one"), "docker-credential-one", mode: 0o755)
        try write(script("two"), "docker-credential-two", mode: 0o755)
        #expect(try await find("helped.example")?.user == "one")
        #expect(try await find("token.example") == .identityToken("identity"))
        #expect(try await find("docker.io")?.user == "hub")
        // What the helper does not have, the file may.
        #expect(try await find("plain.example")?.user == "u")
        #expect(try await find("nothing.example") == nil)
        let broken = await #expect(throws: CredentialError.self) { try await find("broken.example") }
        #expect(broken?.description == #"the credential helper "docker-credential-two" has no credentials of broken.example to give: the keyring is locked"#)
        let garbage = await #expect(throws: CredentialError.self) { try await find("garbage.example") }
        #expect(garbage?.description.contains("hunter2") == false)
    }

    @Test func aMissingHelperIsNamed() async throws {
        try write(#"{"credsStore": "nowhere"}"#)
        let error = await #expect(throws: CredentialError.self) { try await find("a.b") }
        #expect(error?.description == #"the credential helper "docker-credential-nowhere" is not installed"#)
        try write(#"{"credsStore": "../../bin/evil"}"#)
        await #expect(throws: CredentialError.self) { try await find("a.b") }
    }

    @Test func savingKeepsWhatIsNotOurs() async throws {
        try write(#"{"detachKeys": "ctrl-e,e", "HttpHeaders": {"X": "y"}, "auths": {"other.example": {"auth": "eDp5"}, "https://a.example/v1/": {"auth": "b2xkOm9sZA=="}}, "plugins": {"n": {"count": 3, "ratio": 0.5, "on": true, "none": null}}}"#)
        let store = CredentialStore(files: [file])
        #expect(try await store.save(Self.somebody, for: "a.example") == file.path.string)
        #expect(try await store.credentials(for: CredentialNames(registry: "a.example", repository: "")) == Self.somebody)
        let saved = try Document<JSONValue>(decoding: File(opening: file.path).readAll(), mediaType: MediaType(rawValue: "")).value
        #expect(saved["detachKeys"] == .string("ctrl-e,e"))
        #expect(saved["plugins"]?["n"] == .object(["count": .integer(3), "ratio": .number(0.5), "on": .bool(true), "none": .null]))
        #expect(saved["auths"]?.object?.keys.sorted() == ["a.example", "other.example"])
        #expect(try FileMetadata(at: file.path).mode == 0o600)
        #expect(try await store.erase("a.example"))
        #expect(try await store.erase("a.example") == false)
        #expect(try await store.credentials(for: CredentialNames(registry: "a.example", repository: "")) == nil)
    }

    @Test func savingMakesTheDirectoryAndFollowsLinks() async throws {
        let store = CredentialStore(files: [file])
        _ = try await store.save(Self.somebody, for: "docker.io")
        #expect(try FileMetadata(at: file.path.removingLastComponent()).mode == 0o700)
        #expect(try await find("docker.io") == Self.somebody)
        let link = CredentialFile(path: directory.path.appending("link.json"))
        try directory.directory.createSymlink(at: "link.json", target: "docker/config.json")
        _ = try await CredentialStore(files: [link]).save(Self.somebody, for: "b.example")
        #expect(try FileMetadata(at: link.path, followLast: false).kind == .symlink)
        #expect(try await find("b.example") == Self.somebody)
    }

    @Test func savingGoesToTheHelper() async throws {
        try write(#"{"credsStore": "save"}"#)
        try write("#!/bin/sh\ncat > \"$(dirname \"$0\")/saved-$1\"\n", "docker-credential-save", mode: 0o755)
        let store = CredentialStore(files: [file], environment: ["PATH": directory.path.string + ":/usr/bin:/bin"])
        #expect(try await store.save(Self.somebody, for: "docker.io") == "docker-credential-save")
        let saved = try String(decoding: directory.directory.readFile(at: "saved-store"), as: UTF8.self)
        #expect(saved == #"{"Secret":"se:cret","ServerURL":"https://index.docker.io/v1/","Username":"somebody"}"#)
        #expect(try String(decoding: File(opening: file.path).readAll(), as: UTF8.self).contains("secret") == false)
    }

    @Test func theEnvironmentSaysWhere() throws {
        func paths(_ environment: [String: String]) -> [String] { CredentialStore(environment: environment).files.map(\.path.string) }
        #expect(paths(["HOME": "/h"]) == ["/h/.docker/config.json", "/h/.config/containers/auth.json"])
        #expect(paths(["HOME": "/h", "DOCKER_CONFIG": "/d", "XDG_RUNTIME_DIR": "/r"]) == ["/d/config.json", "/r/containers/auth.json", "/h/.config/containers/auth.json"])
        #expect(paths(["HOME": "/h", "REGISTRY_AUTH_FILE": "/a.json"]) == ["/a.json"])
        #expect(paths([:]) == [])
    }

    @Test func aVariableMayHoldThemAll() async throws {
        let store = CredentialStore(environment: ["DOCKER_AUTH_CONFIG": #"{"auths": {"a.b": {"auth": "c29tZWJvZHk6c2U6Y3JldA"}}}"#])
        #expect(try await store.credentials(for: CredentialNames(registry: "a.b", repository: "x")) == Self.somebody)
    }

    @Test func textsTellNoSecret() {
        for credentials in [Self.somebody, .identityToken("se:cret"), .registryToken("se:cret")] {
            #expect(!"\(credentials)".contains("se:cret"))
            #expect(!String(reflecting: credentials).contains("se:cret"))
            var dumped = ""
            dump(credentials, to: &dumped)
            #expect(!dumped.contains("se:cret"))
        }
    }
}
