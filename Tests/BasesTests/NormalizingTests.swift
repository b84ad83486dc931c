import Testing

@testable import ImageBuild

@Suite struct NormalizingTests {
    struct Case: Sendable {
        var path: String
        var isDirectory = false
        var verdict: RootNormalizer.Verdict
    }

    static let cases = [
        Case(path: "bin", verdict: .keep), Case(path: "usr/bin/bash", verdict: .keep),
        Case(path: "dev", isDirectory: true, verdict: .keep), Case(path: "dev/null", verdict: .drop),
        Case(path: "dev/pts", isDirectory: true, verdict: .drop), Case(path: "tmp", isDirectory: true, verdict: .keep),
        Case(path: "tmp/jettison-newest", verdict: .drop), Case(path: "etc/hostname", verdict: .drop),
        Case(path: "etc/resolv.conf", verdict: .drop), Case(path: "etc/machine-id", verdict: .empty),
        Case(path: "etc/shadow", verdict: .shadow), Case(path: "etc/shadow-", verdict: .drop),
        Case(path: "etc/apt/sources.list", verdict: .drop),
        Case(path: "etc/apt/sources.list.d", isDirectory: true, verdict: .keep),
        Case(path: "etc/apt/sources.list.d/0000base.sources", verdict: .drop),
        Case(path: "etc/apt/apt.conf.d/01autoremove", verdict: .keep),
        Case(path: "run/lock", isDirectory: true, verdict: .keep), Case(path: "run/utmp", verdict: .drop),
        Case(path: "var/lib/apt/lists", isDirectory: true, verdict: .keep),
        Case(path: "var/lib/apt/lists/partial", isDirectory: true, verdict: .drop),
        Case(path: "var/lib/apt/lists/host_InRelease", verdict: .drop),
        Case(path: "var/cache/apt/pkgcache.bin", verdict: .drop), Case(path: "var/cache/ldconfig/aux-cache", verdict: .drop),
        Case(path: "var/cache/debconf/config.dat", verdict: .keep),
        Case(path: "var/cache/debconf/config.dat-old", verdict: .drop), Case(path: "var/lib/dpkg/status", verdict: .keep),
        Case(path: "var/lib/dpkg/status-old", verdict: .drop), Case(path: "var/log/apt/history.log", verdict: .drop),
        Case(path: "var/log/apt", isDirectory: true, verdict: .keep), Case(path: "var/log/dpkg.log", verdict: .drop),
        Case(path: "var/log/wtmp", verdict: .empty), Case(path: "developer/file", verdict: .keep),
    ]

    @Test(arguments: cases) func decides(_ one: Case) {
        #expect(RootNormalizer.verdict(on: one.path, isDirectory: one.isDirectory) == one.verdict)
    }

    @Test func passwordsWereChangedOnTheDayOfTheImage() {
        #expect(RootNormalizer.shadow("root:*:20778:0:99999:7:::\nx:!::\nbroken\n", day: 19000) == "root:*:19000:0:99999:7:::\nx:!::\nbroken\n")
    }

    struct Documentation: Sendable {
        var path: String
        var isLeftOut: Bool
    }

    static let documentation = [
        Documentation(path: "usr/share/doc/bash/README", isLeftOut: true),
        Documentation(path: "usr/share/doc/bash/copyright", isLeftOut: false),
        Documentation(path: "usr/share/doc/a/b/copyright", isLeftOut: false),
        Documentation(path: "usr/share/doc/copyright2", isLeftOut: true),
        Documentation(path: "usr/share/locale/locale.alias", isLeftOut: false),
        Documentation(path: "usr/share/locale/de/locale.alias", isLeftOut: true),
        Documentation(path: "usr/share/man/man1/ls.1.gz", isLeftOut: true),
        Documentation(path: "usr/share/manpages", isLeftOut: false),
        Documentation(path: "usr/lib/doc/x", isLeftOut: false),
    ]

    @Test(arguments: documentation) func leavesDocumentationOut(_ one: Documentation) {
        #expect(DocumentationPaths.excludes(one.path) == one.isLeftOut)
    }

    @Test func dpkgIsToldTheSame() {
        #expect(DocumentationPaths.dpkgOptions.prefix(2) == ["path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"])
        #expect(DocumentationPaths.dpkgOptions.contains("path-include=/usr/share/locale/locale.alias"))
    }
}
