import Archives
import BuildContext
import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage
import Testing

struct ContextArchiveTests {
    static func entry(_ path: FilePath, _ kind: TarEntry.Kind = .file, mode: UInt32 = 0o644, size: Int = 0) -> TarEntry
    {
        TarEntry(path: path, kind: kind, mode: mode, size: Int64(size))
    }

    /// A spooled archive and a place to unpack it.
    struct Fixture {
        let place = try? TemporaryTree(["tmp/"])

        func source(
            _ entries: [(TarEntry, String)], _ compression: Compression = .none,
            _ choice: ContextSource.DockerfileChoice = .standard
        ) throws -> ContextSource {
            let place = try #require(place)
            let file = try place.root.createFile(at: "archive")
            defer { try? place.root.remove("archive") }
            var writer = TarWriter(try CompressingWriter(to: FileByteWriter(file), compression: compression))
            for (entry, text) in entries {
                try writer.append(entry)
                try Array(text.utf8).withUnsafeBytes { try writer.write($0) }
            }
            try writer.finish()
            return try open(choice)
        }

        func source(bytes: [UInt8], _ choice: ContextSource.DockerfileChoice = .standard) throws -> ContextSource {
            try #require(place).root.writeFile(bytes, at: "archive")
            return try open(choice)
        }

        private func open(_ choice: ContextSource.DockerfileChoice) throws -> ContextSource {
            let place = try #require(place)
            return try ContextSource(
                archive: place.path.appending("archive"), dockerfile: choice, temporary: place.path.appending("tmp"))
        }
    }

    static let usual: [(TarEntry, String)] = [
        (entry("./", .directory, mode: 0o700), ""), (entry("./Dockerfile", size: 12), "FROM scratch"),
        (entry("./.dockerignore", size: 5), "*.log"), (entry("./src/", .directory, mode: 0o555), ""),
        (entry("./src/a.sh", mode: 0o755, size: 2), "hi"), (entry("x.log", size: 1), "x"),
        (entry("link", .symlink("src/a.sh")), ""), (entry("hard", .hardLink("./src/a.sh")), ""),
    ]

    @Test(arguments: [Compression.none, .gzip, .zstd]) func archivesAreUnpacked(_ compression: Compression) throws {
        let fixture = Fixture()
        let source = try fixture.source(Self.usual, compression)
        #expect(source.dockerfile.text == "FROM scratch")
        #expect(source.ignoreFile?.name == ".dockerignore")
        #expect(
            try source.tree.files(".") == ["", ".dockerignore", "Dockerfile", "hard", "link", "src", "src/a.sh"])
        let match = try #require(try source.tree.resolve(FileSelection(sources: ["src/a.sh"])).first)
        #expect(match.metadata.mode == 0o755)
        #expect(try source.tree.directory.metadata(at: "src").mode == 0o555)
        #expect(try source.tree.directory.readFile(at: "link") == Array("hi".utf8))
        #expect(try source.tree.directory.readFile(at: "hard") == Array("hi".utf8))
    }

    @Test func unpackedFilesGoWithTheContext() throws {
        let fixture = Fixture()
        let place = try #require(fixture.place)
        do {
            let source = try fixture.source(Self.usual)
            #expect(try place.root.directory(at: "tmp").entries().count == 1)
            _ = source.dockerfile
            withExtendedLifetime(source) {}
        }
        #expect(try place.root.directory(at: "tmp").entries().isEmpty)
    }

    @Test func dockerfilesAreTakenFromTheArchiveOnly() throws {
        let fixture = Fixture()
        let entries = Self.usual + [(Self.entry("etc/passwd", size: 1), "d")]
        #expect(try fixture.source(entries, .none, .path("/etc/passwd")).dockerfile.text == "d")
        #expect(throws: ContextError.self) { try fixture.source(Self.usual, .none, .path("/etc/hostname")) }
    }

    @Test func aDockerfileAloneHasAnEmptyContext() throws {
        let fixture = Fixture()
        let source = try fixture.source(bytes: Array("FROM scratch\n".utf8))
        #expect(source.dockerfile.text == "FROM scratch\n")
        #expect(try source.tree.files(".") == [""])
        let long = Array(String(repeating: "# comment\n", count: 500).utf8)
        #expect(try fixture.source(bytes: long).dockerfile.bytes == long)
        #expect(throws: ContextError.self) { try fixture.source(bytes: long, .path("Dockerfile")) }
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: [(TarEntry, String)]
        var files: [String]
    }

    static let hostile: [Hostile] = [
        Hostile(
            testDescription: "parent paths", entries: [(entry("../../../../tmp/jettison-escaped", size: 1), "x")],
            files: ["tmp/jettison-escaped"]),
        Hostile(
            testDescription: "absolute paths", entries: [(entry("/tmp/jettison-escaped", size: 1), "x")],
            files: ["tmp/jettison-escaped"]),
        Hostile(
            testDescription: "through a link to the top",
            entries: [(entry("up", .symlink("/")), ""), (entry("up/tmp/jettison-escaped", size: 1), "x")],
            files: ["tmp/jettison-escaped"]),
        Hostile(
            testDescription: "through a climbing link",
            entries: [(entry("up", .symlink("../../../../..")), ""), (entry("up/tmp/jettison-escaped", size: 1), "x")],
            files: ["tmp/jettison-escaped"]),
        Hostile(
            testDescription: "over a link",
            entries: [(entry("f", .symlink("/tmp/jettison-escaped")), ""), (entry("f", size: 1), "x")], files: ["f"]),
        Hostile(
            testDescription: "a file where a directory was",
            entries: [(entry("d/x", size: 1), "1"), (entry("d", size: 1), "2"), (entry("d/y"), "")], files: []),
    ]

    @Test(arguments: hostile) func nothingLeavesTheContext(_ test: Hostile) throws {
        let fixture = Fixture()
        let source = try? fixture.source(test.entries + [(Self.entry("Dockerfile"), "")])
        for file in test.files { #expect(source?.tree.directory.exists(FilePath(file)) == true) }
        #expect((try? FileMetadata(at: "/tmp/jettison-escaped", followLast: false)) == nil)
    }

    @Test func damagedArchivesAreErrors() throws {
        let fixture = Fixture()
        let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]
        #expect(throws: ContextError.self) { try fixture.source(bytes: gzip) }
        let place = try #require(fixture.place)
        let file = try place.root.createFile(at: "whole")
        var writer = TarWriter(FileByteWriter(file))
        try writer.append(Self.entry("Dockerfile", size: 2000))
        try [UInt8](repeating: 65, count: 2000).withUnsafeBytes { try writer.write($0) }
        try writer.finish()
        let bytes = try place.root.readFile(at: "whole")
        let error = #expect(throws: ContextError.self) { try fixture.source(bytes: Array(bytes.prefix(1200))) }
        #expect(error?.reason == .archiveUnusable)
        #expect(error?.diagnostics.first?.notes.isEmpty == false)
    }
}
