import Diagnostics
import DockerfileSyntax
import TestSupport
import Testing

/// A folder is a test: what a Dockerfile is read as, and what is said about it.
@Suite struct SyntaxFixtureTests {
    static let fixtures = Result { try Fixture.all("syntax", beside: #filePath) }

    @Test func allFixtures() throws {
        for fixture in try Self.fixtures.get() {
            do {
                let file = SourceFile(name: "Dockerfile", text: try fixture.text(of: "Dockerfile"))
                let parsed = DockerfileParser.parse(file)
                try fixture.expect(SyntaxDump.text(parsed.value), matches: "syntax.golden")
                try fixture.expect(TextRenderer().render(parsed.diagnostics), matches: "diagnostics.golden")
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    /// Every keyword of the language has a fixture named after it.
    @Test func everyKeywordHasAFixture() throws {
        let names = try Self.fixtures.get().map(\.name)
        let keywords = [
            "add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "maintainer",
            "onbuild", "run", "shell", "stopsignal", "user", "volume", "workdir",
        ]
        for keyword in keywords { #expect(names.contains { $0.hasPrefix(keyword + "-") }, "no fixture \(keyword)-…") }
    }
}
