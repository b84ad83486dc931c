import Testing

@testable import ImageBuild

@Suite struct PackageClosureTests {
    static let archive = ControlFile.parse(
        """
        Package: app
        Depends: libone (>= 1.2), libtwo | libother, mail-agent
        Pre-Depends: libc6 (>= 2.36)

        Package: libone
        Depends: libc6, debconf (>= 0.5) | debconf-2.0

        Package: libtwo
        Depends: libc6

        Package: libc6
        Depends: libgcc-s1

        Package: libgcc-s1
        Depends: libc6, bash

        Package: bash
        Essential: yes
        Depends: base-files

        Package: base-files
        Essential: yes

        Package: debconf
        Depends: perl-base

        Package: perl-base
        Essential: yes

        Package: postfix
        Provides: mail-agent, something (= 1)
        Depends: ssl-cert

        Package: ssl-cert
        Depends: openssl

        Package: openssl

        Package: ca-certificates
        Depends: openssl (>= 1.1.1), debconf (>= 0.5) | debconf-2.0
        """)

    struct Case: Sendable {
        var roots: [String]
        var kept: [String]
    }

    static let cases = [
        Case(roots: ["libc6"], kept: ["libc6", "libgcc-s1"]),
        // Dependencies go round in circles; virtual packages are resolved; an alternative that apt did not choose is not there.
        Case(roots: ["app"], kept: ["app", "libc6", "libgcc-s1", "libone", "libtwo", "openssl", "postfix", "ssl-cert"]),
        // openssl only rehashes certificates when ca-certificates is installed.
        Case(roots: ["ca-certificates"], kept: ["ca-certificates"]),
        Case(roots: ["ca-certificates", "openssl"], kept: ["ca-certificates", "openssl"]),
        // What is named is kept, whatever it is; what it drags in of the essential packages is not.
        Case(roots: ["bash"], kept: ["bash"]),
        Case(roots: ["debconf"], kept: ["debconf"]),
        Case(roots: ["mail-agent"], kept: ["openssl", "postfix", "ssl-cert"]),
        Case(roots: ["nothing"], kept: []),
    ]

    @Test(arguments: cases) func keeps(_ one: Case) {
        #expect(PackageClosure(Self.archive).kept(roots: one.roots) == one.kept)
    }

    @Test func dependenciesAreReadWithoutVersions() {
        #expect(PackageClosure.alternatives("a (>= 1) | b, c:any [amd64] <!x>,, d") == [["a", "b"], ["c"], ["d"]])
        #expect(PackageClosure.alternatives(nil).isEmpty)
    }

    @Test func selectionsHaveNames() {
        let names = ["bash", "bash=5.2-1", "bash/bookworm", "bash:amd64"].map { PackageClosure.name(in: $0) }
        #expect(Set(names) == ["bash"])
    }
}
