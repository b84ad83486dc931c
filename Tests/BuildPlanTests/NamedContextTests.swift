import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI
import Testing

/// What `--build-context` makes of the names in a file.
struct NamedContextTests {
    private func outline(_ text: String, _ contexts: [NamedContext], target: String? = nil) throws -> Outline {
        var options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        options.contexts = contexts
        options.target = target
        return try Planner.outline(DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text)).value, options: options)
    }

    private func files(_ name: String) -> NamedContext { NamedContext(name: name, source: .files) }

    @Test(arguments: [
        ("alpine", "alpine"), ("alpine:latest", "alpine"), ("Alpine", "alpine"), ("docker.io/library/alpine", "alpine"),
        ("alpine:3.20", "alpine:3.20"), ("ghcr.io/a/b:latest", "ghcr.io/a/b"), ("not a name", "not a name"),
    ])
    func namesAreComparedInTheirShortForm(_ name: String, _ key: String) {
        #expect(NamedContext.key(name) == key)
    }

    @Test func replacesAnImage() throws {
        let image = NamedContext(name: "debian", source: .image(try Reference(parsing: "mine:1")))
        let outline = try outline("FROM debian:latest\nFROM debian:12\nCOPY --from=debian /a /a\n", [image])
        #expect(outline.stages[0].origin == .image(ImageNeed(reference: try Reference(parsing: "mine:1"), platform: nil, range: outline.stages[0].stage.from.image.range)))
        #expect(outline.imagesNeeded.map(\.reference.familiar) == ["debian:12", "mine:1"])
    }

    @Test func replacesAStageWithAllThatIsInIt() throws {
        let outline = try outline("FROM nowhere AS build\nRUN false\nCOPY --from=void /x /x\nFROM scratch\nCOPY --from=build /out /out\n", [files("BUILD")])
        #expect(outline.stages[0].origin == .context("build"))
        #expect(outline.stages[0].stage.instructions.isEmpty)
        #expect(outline.imagesNeeded.isEmpty)
        #expect(outline.contextsNeeded == ["build"])
        // Its files are taken from where they are.
        #expect(outline.stages[1].copyOrigins == [0: .context("build")])
        #expect(outline.stages.map(\.isNeeded) == [false, true])
    }

    @Test func anEarlierStageWinsOverAContextOnlyWhenItIsNotReplaced() throws {
        let outline = try outline("FROM scratch AS a\nFROM scratch\nCOPY --from=a /x /x\nCOPY --from=b /y /y\n", [files("b")])
        #expect(outline.stages[1].copyOrigins == [0: .stage(0), 1: .context("b")])
    }

    @Test(arguments: ["COPY --from=asets /x /x", "RUN --mount=from=asets,target=/x true"])
    func aNearNameIsAsked(_ line: String) throws {
        let error = #expect(throws: DiagnosticsError.self) { try outline("FROM scratch\n\(line)\n", [files("assets")]) }
        let diagnostic = try #require(error?.diagnostics.first)
        #expect(diagnostic.code == "stage-not-found" && diagnostic.help == "did you mean \"assets\"?")
        #expect(diagnostic.fix.map(\.replacement) == ["assets"])
    }

    @Test func aMountMayReadOne() throws {
        let outline = try outline("FROM scratch\nRUN --mount=from=assets,target=/x true\n", [files("assets")])
        #expect(outline.contextsNeeded == ["assets"])
    }

    @Test func theLastOfANameWins() throws {
        let outline = try outline("FROM x\n", [files("x"), NamedContext(name: "x:latest", source: .scratch)])
        #expect(outline.stages[0].origin == .scratch)
    }

    @Test func onlyWhatTheTargetNeedsIsNeeded() throws {
        let text = "FROM scratch AS one\nCOPY --from=a / /\nFROM scratch AS two\nCOPY --from=b / /\n"
        #expect(try outline(text, [files("a"), files("b")], target: "one").contextsNeeded == ["a"])
    }

    @Test func anUnusedOneIsSaid() throws {
        let contexts = [files("asets"), files("assets"), files("other")]
        let outline = try outline("FROM scratch AS one\nCOPY --from=assets / /\n", contexts)
        let warnings = outline.unusedContexts(contexts)
        #expect(warnings.map(\.code) == ["build-context-unused", "build-context-unused"])
        #expect(warnings.map(\.help) == ["did you mean \"assets\"?", nil])
    }

    @Test func itsFilesBecomeARoot() throws {
        let options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        let outline = try outline("FROM files\nCOPY --from=files a /b\n", [files("files")])
        let plan = try Planner.plan(outline, bases: [:], options: options)
        #expect(
            plan.dump.split(separator: "\n").prefix(3) == [
                "0 context files @1", "1 copy to / (directory) files=0{.} @1", "2 copy to /b root=1 files=0{a} @2",
            ])
        #expect(plan.image.steps.compactMap(\.node) == [1, 2])
    }
}
