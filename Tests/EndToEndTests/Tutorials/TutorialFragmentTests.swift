import Diagnostics
import DockerfileSyntax
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// Lines of a tutorial that are no whole Dockerfile: `Fragments/<name>/`. What is said when somebody builds them is in
/// `build.golden`; with the line of `from` put before them they build.
struct TutorialFragment: Sendable, CustomTestStringConvertible {
    var name: String
    var fixture: Fixture

    var testDescription: String { name }

    static func all() throws -> [TutorialFragment] {
        let folder = Tutorial.root.appending("Fragments")
        return try Directory(opening: folder).entries().filter { $0.kind == .directory }.map(\.name.string).sorted().map {
            TutorialFragment(name: $0, fixture: Fixture(name: $0, directory: folder.appending($0).string))
        }
    }

    var printed: String {
        get throws {
            if fixture.exists("Dockerfile") { return try fixture.text(of: "Dockerfile") }
            return try Fixture(name: name, directory: Tutorial.parserFixture("seed-" + name)).text(of: "Dockerfile")
        }
    }

    var from: String? { get throws { fixture.exists("from") ? try fixture.text(of: "from") : nil } }
}

@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct TutorialFragmentTests {
    private struct Outcome {
        var said: String
        var directory: TemporaryDirectory
        func exists(_ path: String) -> Bool {
            (try? FileMetadata(at: directory.path.appending("out").appending(path))) != nil
        }
        var size: Int
    }

    private static func build(_ text: String) async throws -> Outcome {
        let store = try await TutorialStore.shared.value
        let node = try #require(try Tutorial.all().first { $0.name == "s05-node-three-stage" })
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let script = #"""
            cat > context/Dockerfile; cd context
            jettison build -q -o type=image -o type=local,dest=../out . >../id 2>../log; echo "exit $?" >../exit
            jettison inspect --format '{{.Size}}' "$(cat ../id)" >../size 2>/dev/null || true
            """#
        let output = try await Gate.builds.run {
            try await store.shell(script, in: directory, node, isPristine: true, input: Array(text.utf8))
        }
        try #require(output.status == 0, "\(output.standardError)")
        func content(_ name: String) throws -> String { try CaseStore.text(directory.path.appending(name)) }
        return Outcome(
            said: try content("exit") + content("log"), directory: directory,
            size: Int(try content("size").filter(\.isNumber)) ?? 0)
    }

    @Test(arguments: try TutorialFragment.all())
    func whatIsSaid(_ fragment: TutorialFragment) async throws {
        let outcome = try await Self.build(try fragment.printed)
        try fragment.fixture.expect(outcome.said, matches: "build.golden")
    }

    @Test(arguments: try TutorialFragment.all().filter { $0.fixture.exists("from") })
    func withABaseItBuilds(_ fragment: TutorialFragment) async throws {
        let outcome = try await Self.build(try #require(try fragment.from) + fragment.printed)
        #expect(outcome.said.hasPrefix("exit 0"), "\(outcome.said)")
    }

    /// The comments go above their lines, and what is left is read as it was meant.
    @Test(arguments: ["s31-from-comments", "s32-from-comments"])
    func commentsBehindFromAreMoved(_ name: String) throws {
        let fragment = try #require(try TutorialFragment.all().first { $0.name == name })
        let file = SourceFile(name: "Dockerfile", text: try fragment.printed)
        let parsed = DockerfileParser.parse(file)
        let fixed = Tutorial.fixed(file, by: parsed.diagnostics)
        let again = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: fixed))
        #expect(again.diagnostics.isEmpty, "\(fixed)")
        #expect(again.value.stages.map(\.from.image.raw) == parsed.value.stages.map(\.from.image.raw))
    }

    /// Removing in a later layer frees nothing; in the same layer it does.
    @Test func oneRunShipsLessThanThree() async throws {
        let fragments = try TutorialFragment.all()
        func build(_ name: String) async throws -> Outcome {
            let fragment = try #require(fragments.first { $0.name == name })
            return try await Self.build(try #require(try fragment.from) + fragment.printed)
        }
        let three = try await build("s33-bad-trio")
        let one = try await build("s34-good-single")
        for outcome in [three, one] {
            #expect(!outcome.exists("usr/bin/gcc") && outcome.exists("usr/bin/curl"))
        }
        #expect(three.exists("var/lib/apt/lists/index_Packages") && !one.exists("var/lib/apt/lists/index_Packages"))
        #expect(three.size - one.size > 500_000, "\(three.size) and \(one.size)")
    }
}
