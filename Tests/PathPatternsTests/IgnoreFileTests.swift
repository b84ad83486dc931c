import Diagnostics
import PathPatterns
import Testing

struct IgnoreFileTests {
    static func file(_ text: String) -> Parsed<IgnoreFile> {
        IgnoreFile.parse(SourceFile(name: ".dockerignore", text: text))
    }

    @Test func linesBecomeRules() {
        let text = """
            \u{FEFF}# a comment
            test1
            /test2
              # not a comment
            a//file/./here/

            dir/../other
            ! /inverted/abs
            \u{A0}trailing\t \r
            !!odd
            """
        let parsed = Self.file(text)
        #expect(
            parsed.value.rules.map { ($0.isNegated ? "!" : "") + $0.pattern.text } == [
                "test1", "test2", "# not a comment", "a/file/here", "other", "!inverted/abs", "trailing", "!!odd",
            ])
        #expect(parsed.value.rules.map(\.line) == [2, 3, 4, 5, 7, 8, 9, 10])
        #expect(parsed.value.rules[6].text == "trailing")
        #expect(parsed.value.rules[5].range.start == SourcePosition(line: 8, column: 1))
        #expect(parsed.diagnostics.map(\.code) == ["ignore-comment-indented"])
    }

    @Test func malformedLinesAreErrorsAndMakeNoRule() {
        let parsed = Self.file("ok\n!\n[a\n!/\ntail\\ \n")
        #expect(parsed.value.rules.map(\.text) == ["ok"])
        #expect(parsed.diagnostics.map(\.code) == Array(repeating: "ignore-pattern-malformed", count: 4))
        #expect(parsed.diagnostics.map { $0.primary?.range.line } == [2, 3, 4, 5])
        #expect(parsed.hasErrors)
    }

    @Test func emptyFilesIgnoreNothing() {
        for text in ["", "\n\n", "# only\n#comments", "   \n\t\r\n"] {
            #expect(Self.file(text).value.rules.isEmpty)
            #expect(!Self.file(text).value.decision(for: "a").ignored)
        }
    }

    @Test func doubtfulLinesAreWarned() {
        let parsed = Self.file("*.log # logs\n../up\n.\n/\na#b\n")
        #expect(
            parsed.diagnostics.map(\.code) == [
                "ignore-comment-trailing", "ignore-pattern-outside", "ignore-pattern-root", "ignore-pattern-root",
            ])
        #expect(parsed.diagnostics.allSatisfy { $0.severity == .warning })
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var rules: [String]
        var path: String
        /// Index of the deciding rule; the path is ignored when it is not negated.
        var decided: Int?
        init(_ rules: [String], _ path: String, by decided: Int?) {
            self.rules = rules
            self.path = path
            self.decided = decided
        }
        var testDescription: String { "\(rules) on \(path)" }
    }

    static let cases: [Case] = [
        Case(["docs"], "docs/a/b", by: 0), Case(["docs/"], "docs", by: 0), Case(["docs/"], "docs/x", by: 0),
        Case(["docs", "!docs/README.md"], "docs/README.md", by: 1),
        Case(["docs/*", "!docs/README.md"], "docs/README.md", by: 1),
        Case(["docs", "!docs/README.md"], "docs/other", by: 0),
        Case(["!fileutils.go", "*.go"], "fileutils.go", by: 1), Case(["*.go", "!fileutils.go"], "fileutils.go", by: 1),
        Case(["**", "!util/docker/web"], "util/docker/web/foo", by: 1),
        Case(["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", by: 2),
        Case(["**", "!util/docker/web"], "util", by: 0),
        Case(["*", "!src/**/*.c"], "src/a/b.c", by: 1), Case(["*", "!src/**/*.c"], "src/a/b.h", by: 0),
        Case(["node_modules"], "src/node_modules/x", by: nil), Case(["**/node_modules"], "src/node_modules/x", by: 0),
        Case(["*.log"], "a/b.log", by: nil), Case(["../x"], "x", by: nil), Case(["/x"], "x", by: 0),
        Case(["foo/../x"], "x", by: 0), Case(["."], "x", by: nil), Case(["*"], ".hidden", by: 0),
        Case(["*"], ".", by: nil), Case(["Dockerfile"], "dockerfile", by: nil),
        // A pattern that could not change a directory's verdict is not remembered for what is in it.
        Case(["*/b", "!a"], "a/b", by: 0), Case(["a", "!a", "*/b"], "a/b", by: 2), Case(["a", "!a"], "a/b", by: 1),
    ]

    @Test(arguments: cases) func theLastMatchWins(_ test: Case) {
        let file = Self.file(test.rules.joined(separator: "\n")).value
        let decision = file.decision(for: test.path)
        #expect(decision.rule == test.decided.map { file.rules[$0] })
        #expect(decision.ignored == (test.decided.map { !file.rules[$0].isNegated } ?? false))
    }

    @Test(arguments: [
        (["a"], "a", true), (["a", "!a/b"], "a", false), (["a", "!x/b"], "a", true), (["a", "!**/b"], "a", false),
        (["!a/b", "a"], "a", true), (["a", "!a"], "a", false), (["**", "!a/**/c"], "b", true),
        (["**", "!a/**/c"], "a", false), (["a", "!a*"], "a", false), (["b"], "a", false),
        (["a", "!a/*.c"], "a", false),
    ]) func directoriesAreSkippedWhenNoExceptionCanMatchBelow(_ rules: [String], _ name: String, _ skips: Bool) throws {
        let cursor = PatternCursor(try PatternList(rules))
        var name = name
        #expect(name.withUTF8 { cursor.descending(into: $0) }.1.excludesEverythingBelow == skips)
    }

    @Test func selectionsAreClean() {
        let selection = FileSelection(sources: ["/a/", "./b/../c", "../../etc/*.conf", "."], excludes: ["*.md"])
        #expect(selection.sources == ["a", "c", "etc/*.conf", "."])
        #expect(selection.description == "a c etc/*.conf . without *.md")
    }
}
