import Archives
import HostSystem
import SystemPackage
import Testing

@testable import ImageBuild

@Suite struct RootTests {
    @Test func theWriterClampsTimesMakesParentsAndPassesOverWhatIsThere() throws {
        var writer = RootWriter(MemorySink(), newest: 50)
        try writer.file("etc/a/b", Array("one".utf8))
        try writer.file("etc/a/b", Array("two".utf8))
        try writer.directory("etc", mode: 0o700)
        var tar = TarReader(MemoryReader(try MadeFile.tar([.file("x", "new", time: 99, owner: 7), .file("y", "old", time: 3)])))
        while let entry = try tar.next() { try writer.copy(entry, from: &tar) }
        var sink = writer.sink
        #expect(
            try sink.listing() == [
                "755 0:0 50 etc/", "755 0:0 50 etc/a/", "644 0:0 50 etc/a/b = one", "644 7:0 50 x = new", "644 0:0 3 y = old",
            ])
        #expect(writer.unpackedBytes == 9)
    }

    @Test func pathsThatLeadOutAreRefused() throws {
        #expect(try EntryPath.normalized("./usr//bin/./x") == "usr/bin/x")
        #expect(try EntryPath.normalized("./") == nil)
        #expect(throws: BaseError.self) { try EntryPath.normalized("usr/../../etc/passwd") }
        #expect(EntryPath.merged("lib64/ld.so") == "usr/lib64/ld.so")
        #expect(EntryPath.merged("library/x") == "library/x")
    }

    @Test func packagesBecomeARoot() throws {
        let directory = try TemporaryDirectory()
        let certificates = try MadePackage.open(
            MadePackage.bytes(
                control: "Package: ca-certificates\nVersion: 1\n",
                files: [
                    .directory("./"), .directory("./usr"), .directory("./usr/share"), .directory("./usr/share/ca-certificates"),
                    .file("./usr/share/ca-certificates/b.crt", "B\n"), .file("./usr/share/ca-certificates/a.crt", "A"),
                    .file("./usr/share/doc/ca-certificates/README", "long"),
                ]), in: directory, name: "ca.deb")
        let tool = try MadePackage.open(
            MadePackage.bytes(
                control: "Package: tool\nVersion: 2\n", built: 2000,
                files: [
                    .directory("./lib64"), .file("./lib64/ld.so", "ld", time: 5000), .directory("./bin"), .file("./bin/tool", "t", mode: 0o4755),
                    .hardLink("./bin/other", "./bin/tool"), .symlink("./usr/share/doc/tool", "elsewhere"),
                ]), in: directory, name: "tool.deb")
        let base = try MadePackage.open(
            MadePackage.bytes(
                control: "Package: base-files\nVersion: 3\n",
                files: [
                    .file("./usr/lib/os-release", "VERSION_ID=\"12\"\n"), .symlink("./etc/os-release", "../usr/lib/os-release"),
                    .file("./etc/debian_version", "12.5\n"), .file("./etc/issue", "no"),
                ]), in: directory, name: "base.deb")
        #expect(tool.built == 2000)
        let root = PackagedRoot(packages: [certificates, tool], baseFiles: base, keepsDocumentation: false)
        var writer = RootWriter(MemorySink(), newest: 2000)
        try root.write(to: &writer)
        #expect(writer.contains(ContainerFiles.certificateBundle))
        #expect(try root.identityFile("etc/debian_version") == "12.5\n")
        var sink = writer.sink
        let lines = try sink.listing()
        let ofTheTool = lines.filter { line in ["tool", "lib64", "ld.so", "other"].contains { line.contains($0) } }
        #expect(
            ofTheTool == [
                "755 0:0 100 usr/lib64/", "644 0:0 2000 usr/lib64/ld.so = ld", "4755 0:0 100 usr/bin/tool = t",
                "644 0:0 100 usr/bin/other == usr/bin/tool", "644 0:0 2000 var/lib/dpkg/status.d/tool = Package: tool\nVersion: 2\n",
                "644 0:0 2000 var/lib/dpkg/status.d/tool.md5sums = 0  usr/bin/x\n", "777 0:0 2000 lib64 -> usr/lib64",
            ])
        #expect(lines.contains("644 0:0 2000 etc/ssl/certs/ca-certificates.crt = A\nB\n"))
        #expect(lines.contains("644 0:0 100 etc/debian_version = 12.5\n"))
        #expect(lines.contains("1777 0:0 2000 tmp/"))
        #expect(lines.contains { $0.contains("etc/passwd = root:x:0:0:root:/root:/usr/sbin/nologin") })
        #expect(!lines.contains { $0.contains("README") || $0.contains("issue") || $0.contains("lib32") })
    }

    @Test func appletsLinkToBusybox() throws {
        let directory = try TemporaryDirectory()
        let busybox = try MadePackage.open(
            MadePackage.bytes(control: "Package: busybox-static\n", files: [.file("./bin/busybox", "bb", mode: 0o755)]), in: directory,
            name: "bb.deb")
        let root = PackagedRoot(packages: [busybox], baseFiles: busybox, keepsDocumentation: false, applets: ["bin/sh", "usr/bin/env"])
        var writer = RootWriter(MemorySink(), newest: 9)
        try root.write(to: &writer)
        var sink = writer.sink
        let lines = try sink.listing()
        #expect(lines.contains("777 0:0 9 usr/bin/sh -> /bin/busybox"))
        #expect(lines.contains("777 0:0 9 usr/bin/env -> /bin/busybox"))
        #expect(lines.contains { $0.contains("root:x:0:0:root:/root:/bin/sh") })
    }

    struct Damage: Sendable {
        var name: String
        var bytes: @Sendable () throws -> [UInt8]
    }

    static let damages = [
        Damage(name: "empty") { [] }, Damage(name: "text") { Array("hello, this is no archive at all".utf8) },
        Damage(name: "cut") { Array(try MadePackage.bytes(control: "Package: a\n", files: []).prefix(200)) },
        Damage(name: "no control") { try MadePackage.bytes(control: "\n", files: []) },
        Damage(name: "a name with a slash") { try MadePackage.bytes(control: "Package: ../../x\n", files: []) },
        Damage(name: "no data") { Array("!<arch>\n".utf8) + MadePackage.member("debian-binary", 1, [50]) },
        Damage(name: "a length beyond the end") {
            Array("!<arch>\n".utf8) + MadePackage.member("debian-binary", 1, [UInt8](repeating: 0, count: 90)).prefix(100)
        },
    ]

    @Test(arguments: damages) func damagedPackagesAreRefused(_ one: Damage) throws {
        let directory = try TemporaryDirectory()
        #expect(throws: BaseError.self) { try MadePackage.open(one.bytes(), in: directory, name: "bad.deb") }
    }

    @Test func anInstalledRootLosesTheMachineAndGetsOurFiles() throws {
        let tar = try MadeFile.tar([
            .directory("./"), .directory("./dev"), .file("./dev/x"), .directory("./etc"), .file("./etc/hostname", "farm"),
            .file("./etc/machine-id", "0123"), .file("./etc/shadow", "root:*:20778:0:99999:7:::\n", mode: 0o640, time: 900_000),
            .file("./etc/debian_version", "12.5\n"), .directory("./etc/apt"), .directory("./etc/apt/sources.list.d"),
            .file("./etc/apt/sources.list.d/0000base.sources", "x"), .directory("./usr"), .file("./usr/a", "a"), .hardLink("./usr/b", "./usr/a"),
            .file("./var/lib/dpkg/status", "Package: bash\nVersion: 5\nStatus: install ok installed\nInstalled-Size: 2\n"),
        ])
        let root = InstalledRoot(
            sources: AptSources(oneLine: "deb http://a b main"), keepsDocumentation: true, newest: 864_000,
            keyrings: ["/usr/share/keyrings/k.gpg": Array("key".utf8)])
        var reader = TarReader(MemoryReader(tar))
        var writer = RootWriter(MemorySink(), newest: 864_000)
        let facts = try root.copy(&reader, to: &writer)
        #expect(facts.packages == [InstalledPackage(name: "bash", version: "5", installedBytes: 2048)])
        #expect(facts.debianVersion == "12.5")
        var sink = writer.sink
        let lines = try sink.listing()
        #expect(lines.prefix(4) == ["755 0:0 100 dev/", "755 0:0 100 etc/", "644 0:0 100 etc/machine-id = ", "640 0:0 864000 etc/shadow = root:*:10:0:99999:7:::\n"])
        #expect(lines.contains("644 0:0 100 usr/b == usr/a"))
        #expect(lines.contains("644 0:0 864000 etc/apt/sources.list.d/debian.sources = Types: deb\nURIs: http://a\nSuites: b\nComponents: main\n"))
        #expect(lines.contains("644 0:0 864000 usr/share/keyrings/k.gpg = key"))
        #expect(lines.contains { $0.hasPrefix("755 0:0 864000 usr/sbin/policy-rc.d = #!/bin/sh") })
        #expect(!lines.contains { $0.contains("farm") || $0.contains("0000base") || $0.contains("dpkg.cfg.d") || $0.contains("dev/x") })
    }
}
