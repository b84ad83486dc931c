import Diagnostics
import DockerfileSyntax
import TestSupport
import Testing

/// Every word knows its bytes in the file, whatever continuations and comments lie in between.
@Suite struct RangeTests {
    private func parse(_ marked: MarkedText) -> (dockerfile: Dockerfile, diagnostics: [Diagnostic]) {
        let parsed = DockerfileParser.parse(marked.file())
        return (parsed.value, parsed.diagnostics)
    }

    private func copies(_ dockerfile: Dockerfile) -> [Copy] {
        dockerfile.stages.flatMap(\.instructions).compactMap { if case .copy(let copy) = $0 { copy } else { nil } }
    }

    @Test func wordsOfCopy() throws {
        let text = MarkedText("FROM a\n1️⃣COPY2️⃣ --from=3️⃣b4️⃣ 5️⃣src/app6️⃣ 7️⃣/x8️⃣9️⃣\n")
        let dockerfile = parse(text).dockerfile
        let copy = try #require(copies(dockerfile).first)
        #expect(try dockerfile.lines.last?.keywordRange.bytes == text.bytes(1, 2))
        #expect(try copy.from?.range.bytes == text.bytes(3, 4))
        #expect(try copy.sources.map(\.range.bytes) == [text.bytes(5, 6)])
        #expect(try copy.destination.range.bytes == text.bytes(7, 8))
        #expect(try copy.range.bytes == text.bytes(1, 9))
    }

    @Test func wordsAcrossContinuations() throws {
        let text = MarkedText("\u{FEFF}FROM a\r\nCOPY 1️⃣ä2️⃣ \\\r\n  # c\r\n\t3️⃣b4️⃣ \\\r\n\r\n 5️⃣/lo\\\r\nng/6️⃣\r\n")
        let copy = try #require(copies(parse(text).dockerfile).first)
        #expect(copy.sources.map(\.raw) == ["ä", "b"])
        #expect(try copy.sources.map(\.range.bytes) == [text.bytes(1, 2), text.bytes(3, 4)])
        // Cut in two by a continuation: joined in `raw`, whole in the range.
        #expect(copy.destination.raw == "/long/")
        #expect(try copy.destination.range.bytes == text.bytes(5, 6))
    }

    @Test func partsOfAWordCutInTwo() throws {
        let text = MarkedText("FROM a\nENV A=x\\\ny1️⃣${B2️⃣\n")
        let diagnostics = parse(text).diagnostics
        let primary = try #require(diagnostics.first?.primary)
        #expect(diagnostics.map(\.code) == ["unterminated-substitution"])
        #expect(try primary.range.bytes == text.bytes(1, 2))
    }

    @Test func stringsOfAnExecFormAreWordsWithoutTheirQuotes() throws {
        let text = MarkedText(#"FROM a\#nCOPY ["1️⃣a b2️⃣", "3️⃣/x4️⃣"]"#)
        let copy = try #require(copies(parse(text).dockerfile).first)
        #expect(try copy.sources.map(\.range.bytes) == [text.bytes(1, 2)])
        #expect(try copy.destination.range.bytes == text.bytes(3, 4))
    }

    @Test func heredocBody() throws {
        let text = MarkedText("FROM a\n1️⃣RUN 2️⃣<<-EOF3️⃣\n4️⃣\techo\n\t5️⃣EOF6️⃣\nCMD x\n")
        let dockerfile = parse(text).dockerfile
        guard case .run(let run) = try #require(dockerfile.stages.first?.instructions.first) else {
            Issue.record("not a RUN")
            return
        }
        #expect(run.heredocs.map(\.content) == ["echo\n"])
        #expect(try run.command.range.bytes == text.bytes(2, 3))
        #expect(try run.range.bytes == text.bytes(1, 6))
        #expect(run.heredocs.first?.range.bytes.lowerBound == text.offsets[4])
        #expect(dockerfile.lines.count == 3)
    }

    @Test func diagnosticsPointAtTheRightBytes() throws {
        struct Case {
            var marked: String
            var code: String
        }
        let cases = [
            Case(marked: "1️⃣FORM2️⃣ a", code: "unknown-instruction"),
            Case(marked: "FROM a 1️⃣# b c2️⃣", code: "trailing-comment"),
            Case(marked: "FROM a\nCOPY \\\n  1️⃣--form2️⃣=x a b", code: "unknown-flag"),
            Case(marked: "FROM a\nCOPY \\\n  1️⃣–from2️⃣=x a b", code: "typographic-dash"),
            Case(marked: "FROM a\nCMD [\"a\"] 1️⃣then2️⃣", code: "exec-form-broken"),
            Case(marked: "FROM a AS 1️⃣02️⃣", code: "invalid-stage-name"),
            Case(marked: "FROM a\nONBUILD COPY 1️⃣x2️⃣", code: "missing-arguments"),
            Case(marked: "FROM a\nUSER 1️⃣'2️⃣x", code: "unterminated-quote"),
            Case(marked: "1️⃣2️⃣", code: "no-instructions"),
        ]
        for test in cases {
            let text = MarkedText(test.marked)
            let diagnostics = parse(text).diagnostics
            #expect(diagnostics.map(\.code) == [test.code], "\(test.marked)")
            #expect(try diagnostics.first?.primary?.range.bytes == text.bytes(1, 2), "\(test.marked)")
        }
    }
}
