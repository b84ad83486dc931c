import BuildContext
import Diagnostics
import PathPatterns
import Testing

struct SuggestionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var wanted: String
        var suggested: String
        var testDescription: String { wanted }
        init(_ wanted: String, _ suggested: String) {
            self.wanted = wanted
            self.suggested = suggested
        }
    }

    static let cases: [Case] = [
        Case("package.jsn", "package.json"), Case("Src/App.ts", "src/app.ts"), Case("app.ts", "src/app.ts"),
        Case("requirments.txt", "requirements.txt"), Case("scr/app.ts", "src/app.ts"), Case("README", "readme"),
        Case("src/nested/apps.ts", "src/nested/app2.ts"),
    ]

    @Test(arguments: cases) func nearMissesAreNamed(_ test: Case) throws {
        let temporary = try TemporaryTree([
            "package.json", "requirements.txt", "src/app.ts", "readme", "src/nested/app2.ts", "hidden/package.jsn.x",
        ])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["hidden"])
        let error = #expect(throws: SourceNotFound.self) { try tree.paths(test.wanted) }
        #expect(error?.suggestions.first == test.suggested)
    }

    @Test func nothingAlikeIsSuggestedAsNothing() throws {
        let temporary = try TemporaryTree(["one", "two"])
        defer { temporary.keep() }
        let tree = temporary.tree()
        let error = #expect(throws: SourceNotFound.self) { try tree.paths("completely-different") }
        #expect(error?.suggestions == [])
        #expect(error?.diagnostic().help == nil)
    }

    @Test func messagesPointToTheIgnoreRule() throws {
        let temporary = try TemporaryTree(["dist/app.js"])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["# built", "dist/"])
        let error = try #require(#expect(throws: SourceNotFound.self) { try tree.paths("dist/app.js") })
        let diagnostic = error.diagnostic()
        #expect(diagnostic.message == "COPY source \"dist/app.js\" is not in the build context")
        #expect(diagnostic.secondary.first?.range.line == 2)
        #expect(diagnostic.secondary.first?.range.file.name == ".dockerignore")
        #expect(diagnostic.help == "add \"!dist/app.js\" after line 2 of .dockerignore")
    }
}
