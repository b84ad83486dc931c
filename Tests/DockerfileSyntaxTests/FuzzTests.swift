import Diagnostics
import DockerfileSyntax
import Fuzzing
import TestSupport
import Testing

/// Whatever the bytes are: parser, printer, plan, ignore file and references return, and what they return fits together.
/// `syntax-bench fuzz` does the same a million times.
@Suite struct FuzzTests {
    @Test(arguments: 1...4) func generated(_ seed: UInt64) throws {
        let corpus = try Fixture.all("syntax", beside: #filePath).map { try $0.bytes(of: "Dockerfile") }
        var generator = FuzzGenerator(seed: seed, corpus: corpus)
        let check = FuzzCheck()
        for number in 0..<1000 {
            let text = generator.text()
            let problems = check.problems(with: text)
            #expect(problems == [], "input \(number) of seed \(seed):\n\(String(decoding: text, as: UTF8.self))")
            if !problems.isEmpty { return }
        }
    }

    @Test func theSameSeedGivesTheSameTexts() {
        var (one, other) = (FuzzGenerator(seed: 7), FuzzGenerator(seed: 7))
        var third = FuzzGenerator(seed: 8)
        let texts = (0..<20).map { _ in one.text() }
        #expect(texts == (0..<20).map { _ in other.text() })
        #expect(texts != (0..<20).map { _ in third.text() })
    }

    /// Quadratic work on these would not finish.
    @Test func hugeValues() throws {
        let file = SourceFile(name: "word", text: "x")
        let range = SourceRange(file: file, bytes: 0..<1)
        func expand(_ raw: String, _ value: String) throws -> String {
            try Word(raw, range: range).expanded(in: VariableScope(["v": value]))
        }
        let long = String(repeating: "ab", count: 4_000)
        #expect(try expand("${v//b/c}", long).utf8.count == long.utf8.count)
        #expect(try expand("${v//*x/c}", long) == long)
        #expect(try expand("${v##*b}", long) == "")
        #expect(try expand("${v%%*x*y}", long) == long)
        #expect(throws: DiagnosticsError.self) { try expand("${v//\(long)\(long)/c}", long + long) }
        #expect(throws: DiagnosticsError.self) { try expand("${v//a/\(long)}", long) }
        #expect(throws: DiagnosticsError.self) { try expand(String(repeating: "$v", count: 600), long) }
    }

    @Test func aThousandProblemsAreEnough() {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "FROM a\n" + String(repeating: "COPY --form=x a b\n", count: 1500)))
        #expect(parsed.diagnostics.count == 1001)
        #expect(parsed.diagnostics.last?.message == "500 more problems are not shown")
        #expect(parsed.hasErrors)
    }
}
