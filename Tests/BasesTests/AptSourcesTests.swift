import Testing

@testable import ImageBuild

@Suite struct AptSourcesTests {
    struct Line: Sendable {
        var line: String
        /// nil: not an entry.
        var text: String?
    }

    static let lines = [
        Line(line: "deb http://a/debian bookworm main", text: "Types: deb\nURIs: http://a/debian\nSuites: bookworm\nComponents: main\n"),
        Line(
            line: "deb [arch=amd64,arm64 signed-by=/k.gpg] http://a b main contrib # why",
            text: "Types: deb\nURIs: http://a\nSuites: b\nComponents: main contrib\nArchitectures: amd64 arm64\nSigned-By: /k.gpg\n"),
        Line(line: "deb [ trusted=yes ] file:/srv ./", text: "Types: deb\nURIs: file:/srv\nSuites: ./\nTrusted: yes\n"),
        Line(line: "deb-src http://a/debian bookworm main", text: nil),
        Line(line: "# deb http://a/debian bookworm main", text: nil),
        Line(line: "deb http://a", text: nil),
        Line(line: "deb [arch=amd64 http://a b main", text: nil),
        Line(line: "", text: nil),
    ]

    @Test(arguments: lines) func readsOneLine(_ one: Line) {
        #expect(AptSources(oneLine: one.line).text == one.text ?? "")
    }

    static let deb822 = """
        Types: deb deb-src
        URIs: http://a/debian
        Suites: bookworm bookworm-updates trixie
        Components: main
        Signed-By: /usr/share/keyrings/debian.gpg

        Types: deb
        URIs: http://a/security
        Suites: bookworm-security
        Components: main

        Types: deb
        URIs: https://b/old
        Suites: buster/updates
        Components: main
        Architectures: s390x

        Enabled: no
        Types: deb
        URIs: http://c
        Suites: bookworm
        Components: main

        Types: deb-src
        URIs: http://c
        Suites: bookworm
        Components: main
        """

    @Test func keepsOnlyTheRelease() {
        let sources = AptSources(deb822: Self.deb822)
        #expect(sources.suites == ["bookworm", "buster", "trixie"])
        let kept = sources.restricted(to: "bookworm", architecture: "amd64")
        #expect(
            kept.text == """
                Types: deb
                URIs: http://a/debian
                Suites: bookworm bookworm-updates
                Components: main
                Signed-By: /usr/share/keyrings/debian.gpg

                Types: deb
                URIs: http://a/security
                Suites: bookworm-security
                Components: main

                """)
        #expect(kept.keyrings == ["/usr/share/keyrings/debian.gpg"])
        #expect(!kept.needCertificates)
        // A release whose name merely begins alike is another one; so is one for other machines.
        #expect(sources.restricted(to: "book", architecture: "amd64").entries.isEmpty)
        #expect(sources.restricted(to: "buster", architecture: "amd64").entries.isEmpty)
        #expect(sources.restricted(to: "buster", architecture: "s390x").needCertificates)
    }

    @Test func theHostsOwnFilesAreRead() throws {
        let host = try HostRelease(root: Fixtures.path("host"))
        #expect(host.suite == "bookworm")
        #expect(host.sources.entries.map { $0["URIs"] } == ["http://one/debian", "http://two/debian", "http://three/debian"])
        #expect(throws: BaseError.noSourcesForSuite("sid", known: ["bookworm", "trixie"])) {
            try host.sources(for: "sid", architecture: "amd64")
        }
    }

    @Test func aNamedArchiveIsTrustedLikeTheHostsOwn() throws {
        let sources = try HostRelease(root: Fixtures.path("host")).sources(mirror: "http://m/d", suite: "trixie", architecture: "amd64")
        #expect(
            sources.text
                == "Types: deb\nURIs: http://m/d\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/three.gpg\n")
    }

    @Test func aHostWithoutAnythingHasNothing() throws {
        let host = try HostRelease(root: Fixtures.path("empty-host"))
        #expect(host.suite == nil)
        #expect(host.sources.entries.isEmpty)
    }

    @Test func onlyTheWayToArchivesIsTakenFromAptsConfiguration() {
        let dump = """
            APT "";
            APT::Install-Recommends "1";
            APT::Update::Post-Invoke:: "rm -f /x";
            Acquire "";
            Acquire::http "";
            Acquire::http::Proxy "http://proxy:3128";
            Acquire::Check-Valid-Until "false";
            Acquire::Languages "none";
            Dir "/";
            """
        #expect(
            AptSettings.carried(from: dump) == """
                Acquire::http::Proxy "http://proxy:3128";
                Acquire::Check-Valid-Until "false";
                Dir::Etc::netrc "/etc/apt/auth.conf";
                Dir::Etc::netrcparts "/etc/apt/auth.conf.d";

                """)
    }
}
