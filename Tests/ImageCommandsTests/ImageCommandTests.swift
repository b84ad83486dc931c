import Archives
import ArgumentParser
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Commands

/// The commands over a store with a few images, their output against goldens.
struct ImageCommandTests {
    let fixture: ImageFixture
    let access: ImageAccess

    init() throws {
        fixture = try ImageFixture()
        var access = ImageAccess(root: fixture.root)
        access.now = try #require(Timestamp(rfc3339: "2024-06-01T12:00:00Z"))
        self.access = access
    }

    private func samples() throws {
        // Ids in goldens are of this platform.
        let amd64 = Platform(os: "linux", architecture: "amd64")
        let base = try fixture.addLayer([.init("etc/base", String(repeating: "b", count: 28_000))], compression: .none)
        let app = try fixture.addLayer([.init("bin/app", String(repeating: "a", count: 45_678))], compression: .none)
        try fixture.add(
            ["base:1", "docker.io/library/base:latest"], layers: [base], created: "2024-05-20T12:00:00Z",
            platform: amd64)
        try fixture.add(
            ["registry.example:5000/team/app:1.0", "app:1.0"], layers: [base, app], created: "2024-06-01T11:57:00Z",
            platform: amd64
        ) { config in
            config.author = "somebody"
            config.history = [
                History(created: "2024-05-20T12:00:00Z", createdBy: "/bin/sh -c #(nop) ADD file:0123 in / "),
                History(
                    created: "2024-06-01T11:56:00Z",
                    createdBy: "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
                    comment: "buildkit.dockerfile.v0", emptyLayer: true),
                History(
                    created: "2024-06-01T11:57:00Z", createdBy: "COPY\tapp /bin/ # \u{1B}[31mred\n",
                    comment: "buildkit.dockerfile.v0"),
            ]
            var run = ContainerConfig()
            run.user = "1000"
            run.env = ["PATH=/bin", "LANG=C"]
            run.entrypoint = ["/bin/app"]
            run.labels = ["team": "a", "stage": "prod"]
            run.exposedPorts = ["80/tcp": .init()]
            run.healthcheck = .init(test: ["CMD", "/bin/app", "--check"])
            run.healthcheck?.interval = 30_000_000_000
            config.config = run
        }
        try fixture.add(layers: [app], created: nil, platform: amd64) { $0.history = nil }
    }

    private func images(_ arguments: String...) throws -> String { try ImageListOptions.parse(arguments).text(access) }
    private func history(_ arguments: String...) throws -> String { try HistoryCommand.parse(arguments).text(access) }
    private func inspect(_ arguments: String...) throws -> String {
        let (text, failure) = try InspectCommand.parse(arguments).text(access)
        if let failure { throw failure }
        return text
    }
    private func remove(_ arguments: String...) throws -> [String] {
        var lines: [String] = []
        if let failure = try ImageRemoval.parse(arguments).remove(access, { lines.append($0) }) { throw failure }
        return lines
    }
    private func names(_ arguments: [String]) throws -> [String] {
        try ImageListOptions.parse(arguments + ["--format", "{{.Repository}}:{{.Tag}}"]).text(access).split(
            separator: "\n"
        ).map(String.init)
    }

    @Test func tablesOfImages() throws {
        #expect(try images() == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n")
        try samples()
        try expectGolden(images(), "images.golden")
        try expectGolden(images("--digests", "--no-trunc"), "images-digests.golden")
        try expectGolden(
            images("--format", #"table {{.ID}}\t{{.Size}}\t{{.CompressedSize}}\t{{.CreatedAt}}"#), "images-sizes.golden"
        )
        try expectGolden(images("app", "--format", "json"), "images-json.golden")
    }

    @Test func idsAlone() throws {
        try samples()
        let ids = try images("-q").split(separator: "\n")
        #expect(ids.count == 5)
        #expect(ids.allSatisfy { $0.utf8.count == 12 })
        #expect(
            try images("-q", "--no-trunc").split(separator: "\n").allSatisfy {
                $0.hasPrefix("sha256:") && $0.utf8.count == 71
            })
    }

    static let filterCases: [([String], [String])] = [
        (["base"], ["base:1", "base:latest"]), (["base:1"], ["base:1"]), (["app"], ["app:1.0"]),
        (["*app"], ["app:1.0"]), (["*/*/app"], ["registry.example:5000/team/app:1.0"]),
        (["registry.example:5000/team/app"], ["registry.example:5000/team/app:1.0"]),
        (["docker.io/library/base:1"], ["base:1"]), (["nothing"], []),
        (["--filter", "dangling=true"], ["<none>:<none>"]),
        (["--filter", "dangling=false", "base"], ["base:1", "base:latest"]),
        (["--filter", "label=team"], ["app:1.0", "registry.example:5000/team/app:1.0"]),
        (["--filter", "label=team=b"], []), (["-f", "label=team=a", "-f", "label=stage=prod", "app"], ["app:1.0"]),
        (["--filter", "label!=team", "--filter", "dangling=false"], ["base:1", "base:latest"]),
        (["--filter", "reference=b*:l*"], ["base:latest"]),
        (["--filter", "reference=app", "--filter", "reference=base:1"], ["app:1.0", "base:1"]),
        (["--filter", "before=app:1.0", "--filter", "dangling=false"], ["base:1", "base:latest"]),
        (["--filter", "since=base"], ["app:1.0", "registry.example:5000/team/app:1.0"]),
        (["--filter", "until=24h", "--filter", "dangling=false"], ["base:1", "base:latest"]),
        (["--filter=until=2024-05-01"], ["<none>:<none>"]), (["--filter", "until=1m30s", "app"], ["app:1.0"]),
    ]

    @Test(arguments: filterCases)
    func filters(_ arguments: [String], _ expected: [String]) throws {
        try samples()
        #expect(try names(arguments) == expected)
    }

    static let mistakes: [([String], String)] = [
        (["--filter", "colour=red"], "there is no filter \"colour\""), (["--filter", "dangling"], "KEY=VALUE"),
        (["--filter", "dangling=maybe"], "true or false"),
        (["--filter", "until=yesterday"], "neither a time nor a duration"),
        (["--format", "{{.Repositry}}"], ".Repositry, which is not a field"),
        (["--format", "{{"], "\"}}\" is missing"),
    ]

    @Test(arguments: mistakes)
    func whatIsWrongOnTheCommandLine(_ arguments: [String], _ message: String) throws {
        let error = #expect(throws: UsageError.self) { try ImageListOptions.parse(arguments).text(access) }
        #expect(error?.message.contains(message) == true)
    }

    @Test func tablesOfHistory() throws {
        try samples()
        try expectGolden(history("app:1.0"), "history.golden")
        try expectGolden(history("app:1.0", "--no-trunc", "--no-human"), "history-exact.golden")
        #expect(
            try history("app:1.0", "--no-trunc", "--format", #"{{.Size}}\t{{.CreatedBy}}"#).split(separator: "\n").map(
                String.init) == [
                    "45.7kB\tCOPY app /bin/ # \u{FFFD}[31mred ",
                    "0B\tENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
                    "28kB\t/bin/sh -c #(nop) ADD file:0123 in / ",
                ])
        #expect(try history("-q", "app:1.0").split(separator: "\n").dropFirst() == ["<missing>", "<missing>"])
        // Layers that no history tells of.
        let untagged = try #require(try fixture.images.list().first { $0.isUntagged })
        #expect(
            try history(untagged.id.short, "--format", "{{.Size}} {{.CreatedSince}} {{.CreatedBy}}") == "45.7kB N/A \n")
    }

    @Test func theDocumentOfAnImage() throws {
        try samples()
        try expectGolden(inspect("app:1.0"), "inspect.golden")
        #expect(
            try inspect(
                "app:1.0", "--format",
                "{{.Config.User}} {{index .Config.Labels \"team\"}} {{len .RootFS.Layers}} {{.Size}}")
                == "1000 a 2 73678\n")
        #expect(try inspect("-f", "{{.Config.Cmd}} {{.Config.Healthcheck}}", "base:1") == "[] <nil>\n")
        #expect(try inspect("base:1", "app:1.0", "-f", "{{.Architecture}}").split(separator: "\n").count == 2)
        let (text, failure) = try InspectCommand.parse(["base", "bsae"]).text(access)
        #expect(text.contains("\"base:1\""))
        #expect((failure as? CommandFailure)?.help == "did you mean \"base\"?")
    }

    @Test func tagging() throws {
        try samples()
        try TagCommand.parse(["app:1.0", "other/name:2"]).tag(access)
        #expect(try fixture.images.resolve("other/name:2").id == fixture.images.resolve("app:1.0").id)
        #expect(throws: UsageError.self) { try TagCommand.parse(["app:1.0", "Bad"]).tag(access) }
        #expect(throws: UsageError.self) {
            try TagCommand.parse(["app:1.0", "x@sha256:" + String(repeating: "a", count: 64)]).tag(access)
        }
        #expect(throws: CommandFailure.self) { try TagCommand.parse(["nope", "x"]).tag(access) }
    }

    @Test func removing() throws {
        try samples()
        let app = try fixture.images.resolve("app:1.0")
        let base = try fixture.images.resolve("base")
        let refused = #expect(throws: CommandFailure.self) { try remove(app.id.short) }
        #expect(refused?.message.contains("has 2 names: app:1.0, registry.example:5000/team/app:1.0") == true)
        #expect(try remove("app:1.0") == ["Untagged: app:1.0"])
        #expect(
            try remove("registry.example:5000/team/app:1.0") == [
                "Untagged: registry.example:5000/team/app:1.0", "Deleted: \(app.id)",
            ])
        #expect(
            try remove("-f", String(base.id.hex.prefix(6))) == [
                "Untagged: base:1", "Untagged: base:latest", "Deleted: \(base.id)",
            ])
        #expect(throws: CommandFailure.self) { try remove("nope") }
        #expect(try remove("--force", "nope").isEmpty)
        #expect(try fixture.images.list().count == 1)
        // What the last image does not need is gone from the disk.
        #expect(!fixture.images.content.contains(base.config.digest))
        #expect(!fixture.images.content.contains(base.layers[0].blob.digest))
        #expect(fixture.images.content.contains(app.layers[1].blob.digest))
    }

    @Test func removingGoesOnAfterAFailure() throws {
        try samples()
        var lines: [String] = []
        let failure = try ImageRemoval.parse(["nope", "base:1", "alsonope"]).remove(access) { lines.append($0) }
        #expect((failure as? CommandFailure)?.message == "there is no image \"nope\"")
        #expect(lines == ["Untagged: base:1"])
    }

    @Test func pruning() throws {
        try samples()
        let dangling = try #require(try fixture.images.list().first { $0.isUntagged })
        let command = try ImagePruneCommand.parse(["-f"])
        let text = try command.prune(command.chosen(access), access)
        #expect(text.hasPrefix("Deleted Images:\ndeleted: \(dangling.id)\n\nTotal reclaimed space: "))
        #expect(try command.prune(command.chosen(access), access) == "Total reclaimed space: 0B\n")
        #expect(try fixture.images.list().count == 2)
        let old = try ImagePruneCommand.parse(["-a", "--filter", "until=48h"])
        #expect(try old.prune(old.chosen(access), access).contains("untagged: base:1\nuntagged: base:latest\n"))
        #expect(try fixture.images.list().flatMap(\.references).count == 2)
    }

    @Test(arguments: ["docker", "oci", "oci-dir"]) func savingAndLoading(_ format: String) throws {
        try samples()
        let path = fixture.path("saved").string
        try SaveCommand.parse(["-o", path, "--format", format, "app:1.0", "base"]).save(access)
        let other = try ImageFixture()
        let lines = try LoadCommand.parse(["-i", path]).load(ImageAccess(root: other.root))
        #expect(lines == ["Loaded image: app:1.0", "Loaded image: base:latest"])
        #expect(try other.images.resolve("app:1.0").id == fixture.images.resolve("app:1.0").id)
    }

    @Test func savingNamesWhatItWasAskedFor() throws {
        try samples()
        let path = fixture.path("saved").string
        func load(_ arguments: String...) throws -> [String] {
            try SaveCommand.parse(["-o", path] + arguments).save(access)
            return try LoadCommand.parse(["--input=" + path]).load(ImageAccess(root: try ImageFixture().root))
        }
        let id = try fixture.images.resolve("app:1.0").id
        #expect(try load(id.short) == ["Loaded image ID: \(id)"])
        // No tag "latest": all tags there are.
        #expect(try load("app") == ["Loaded image: app:1.0"])
        #expect(
            try load("app:1.0", "registry.example:5000/team/app:1.0", id.hex) == [
                "Loaded image: app:1.0", "Loaded image: registry.example:5000/team/app:1.0",
            ])
    }

    @Test func aSaveThatFailsLeavesWhatWasThere() throws {
        try samples()
        let path = fixture.path("saved")
        try AtomicFile.write(Array("precious".utf8), to: path)
        try fixture.images.content.remove(try fixture.images.resolve("app:1.0").layers[1].blob.digest)
        #expect(throws: StorageError.self) { try SaveCommand.parse(["-o", path.string, "app:1.0"]).save(access) }
        #expect(try File(opening: path).readAll() == Array("precious".utf8))
        #expect(try fixture.directory.directory.entries().map(\.name.string).sorted() == ["root", "saved"])
    }

    @Test func whatTheStoreTakes() throws {
        try samples()
        try expectGolden(try StoreUsage.parse([]).text(access), "du.golden")
    }

    @Test(arguments: [
        ["history", "x", "--no-trunc", "-q"], ["inspect", "a", "b"], ["image", "ls", "-q"], ["image", "rm", "-f", "x"],
        ["image", "list"], ["images", "x", "--no-trunc"], ["system", "df"], ["du"], ["image", "prune", "-af"],
        ["save", "x", "-o", "f"],
    ])
    func spellings(_ arguments: [String]) throws { _ = try Root.parseAsRoot(arguments) }

    @Test(arguments: [
        ["inspect"], ["rmi"], ["save"], ["tag", "x"], ["save", "x", "--format", "zip"],
        ["save", "x", "--format", "oci-dir"], ["inspect", "x", "--type", "volume"],
    ])
    func badUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) { _ = try Root.parseAsRoot(arguments) }
        #expect(error.map { Root.exitCode(for: $0).rawValue } == 64)
    }
}
