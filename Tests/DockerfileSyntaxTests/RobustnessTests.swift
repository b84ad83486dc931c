import Diagnostics
import DockerfileSyntax
import TestSupport
import Testing

/// Whatever the text is, the parser returns, and what it returns is consistent.
@Suite struct RobustnessTests {
    /// A small generator with a fixed seed, so that a failure can be repeated.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private func texts() throws -> [(name: String, bytes: [UInt8])] {
        try Fixture.all("syntax", beside: #filePath).map { ($0.name, try $0.bytes(of: "Dockerfile")) }
    }

    /// Parses, prints and renders; then looks for ranges that leave the file and words that are not what their range says.
    private func check(_ bytes: [UInt8], _ what: String) {
        let file = SourceFile(name: "Dockerfile", text: String(decoding: bytes, as: UTF8.self))
        let parsed = DockerfileParser.parse(file)
        _ = SyntaxDump.text(parsed.value)
        _ = SyntaxJSON.document(parsed).compact
        _ = TextRenderer(width: 40).render(parsed.diagnostics)
        var ranges = parsed.value.lines.flatMap { [$0.range, $0.keywordRange] + $0.flags.map(\.range) + $0.heredocs.map(\.range) }
        for diagnostic in parsed.diagnostics {
            ranges += ([diagnostic.primary].compactMap { $0 } + diagnostic.secondary).map(\.range) + diagnostic.fix.map(\.range)
        }
        for range in ranges {
            #expect(range.bytes.lowerBound >= 0 && range.bytes.upperBound <= file.bytes.count, "\(what): \(range.bytes)")
        }
        for instruction in parsed.value.stages.flatMap(\.instructions) {
            for word in instruction.expandedWords {
                _ = try? word.expandedWords(in: VariableScope(["A": "x"]))
                // A word on one line without escapes is its text.
                if word.raw.utf8.count == word.range.bytes.count { #expect(word.range.text == word.raw, "\(what)") }
            }
        }
    }

    @Test func truncated() throws {
        for (name, bytes) in try texts() {
            for cut in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
                check(Array(bytes[..<cut]), "\(name) cut at \(cut)")
            }
        }
    }

    @Test func mutated() throws {
        var generator = Generator(state: 42)
        let inserts: [[UInt8]] = [
            Array("\\\n".utf8), Array("\n".utf8), Array("\r".utf8), Array("\"".utf8), Array("'".utf8), Array("[".utf8),
            Array("]".utf8), Array("${".utf8), Array("}".utf8), Array("<<EOF".utf8), Array("<<-\"".utf8), Array("--".utf8),
            Array("=".utf8), Array("#".utf8), Array("\u{2013}".utf8), Array("\u{A0}".utf8), Array("\u{201C}".utf8), [0xFF],
            [0], [0xE2, 0x80], Array("`".utf8), Array("\t".utf8), Array("\\".utf8), Array("ONBUILD ".utf8), Array("\\u".utf8),
            Array("/".utf8), Array("\u{1F600}".utf8), Array("# escape=`\n".utf8),
        ]
        for (name, original) in try texts() {
            for round in 0..<40 {
                var bytes = original
                for _ in 0...Int.random(in: 0..<3, using: &generator) {
                    let at = Int.random(in: 0...bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes.insert(contentsOf: inserts.randomElement(using: &generator) ?? [], at: at)
                    case 1 where at < bytes.count: bytes.remove(at: at)
                    default: if at < bytes.count { bytes[at] = UInt8.random(in: 0...255, using: &generator) }
                    }
                }
                check(bytes, "\(name) mutation \(round)")
            }
        }
    }

    @Test func ofVeryManyProblemsTheFirstAreShown() throws {
        let lines = String(repeating: "COPPY a b\n", count: 5000)
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "FROM x\n" + lines))
        #expect(parsed.diagnostics.count == 1001)
        let last = try #require(parsed.diagnostics.last)
        #expect(last.code == "too-many-problems" && last.severity == .error)
        #expect(last.message == "4000 more problems are not shown")
    }

    @Test func largeInputsTakeLinearTime() {
        // Quadratic work on these would not finish.
        let texts = [
            "FROM x\nRUN a \\\n" + String(repeating: "  && b 'c d' <<x \\\n", count: 20_000),
            "FROM x\n" + String(repeating: "nonsense\n", count: 20_000),
            "FROM x\nCOPY " + String(repeating: "a ", count: 100_000) + "/",
            "FROM x\nENV " + String(repeating: "a=b ", count: 50_000),
            "FROM x\nCMD [" + String(repeating: "\"a\", ", count: 50_000),
            "FROM x\nCMD " + String(repeating: "[", count: 100_000),
        ]
        for text in texts {
            let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text))
            #expect(parsed.value.stages.count == 1)
        }
    }

    /// A fix makes the thing it fixes go away, and adds no error.
    @Test func fixesFix() throws {
        var count = 0
        for (name, bytes) in try texts() {
            let file = SourceFile(name: "Dockerfile", text: String(decoding: bytes, as: UTF8.self))
            let before = DockerfileParser.parse(file).diagnostics
            for diagnostic in before where !diagnostic.fix.isEmpty {
                let fixed = SourceFile(name: "Dockerfile", text: diagnostic.fix.applied(to: file))
                let after = DockerfileParser.parse(fixed).diagnostics
                let errors = { (list: [Diagnostic]) in list.count { $0.severity == .error } }
                #expect(after.count { $0.code == diagnostic.code } < before.count { $0.code == diagnostic.code }, "\(name): \(diagnostic.message)")
                #expect(errors(after) <= errors(before), "\(name): \(diagnostic.message)\n\(fixed.text)")
                count += 1
            }
        }
        #expect(count > 30)
    }
}
