import Diagnostics
import TestSupport
import Testing

@Suite struct RendererTests {
    private func sample() throws -> Diagnostic {
        let text = MarkedText("FROM a\nADD 1️⃣\"x\"2️⃣ y\n")
        let file = text.file()
        let range = SourceRange(file: file, bytes: try text.bytes(1, 2))
        return Diagnostic(
            .warning, "DL3020", "Use COPY\tfor \"files\"", at: range, "a file",
            also: [Diagnostic.Label(SourceRange(file: file, bytes: 0..<4), "the stage")], notes: ["note"], help: "write COPY",
            fix: [Diagnostic.TextEdit(range, "COPY")])
    }

    @Test func json() throws {
        let plain = Diagnostic(.error, "x", "No place", at: nil as Diagnostic.Label?)
        let expected =
            #"{"diagnostics":[{"rule":"DL3020","severity":"warning","message":"Use COPY\tfor \"files\"","file":"Dockerfile","line":2,"column":5,"endLine":2,"endColumn":8,"label":"a file","#
            + #""related":[{"message":"the stage","file":"Dockerfile","line":1,"column":1,"endLine":1,"endColumn":5}],"notes":["note"],"help":"write COPY","#
            + #""fix":[{"file":"Dockerfile","line":2,"column":5,"endLine":2,"endColumn":8,"replacement":"COPY"}]},"#
            + #"{"rule":"x","severity":"error","message":"No place"}]}"# + "\n"
        #expect(JSONRenderer().render([try sample(), plain]) == expected)
        #expect(JSONRenderer().render([]) == "{\"diagnostics\":[]}\n")
    }

    @Test func gnu() throws {
        let plain = Diagnostic(.error, "x", "No place", at: nil as Diagnostic.Label?)
        #expect(
            GNURenderer().render([try sample(), plain])
                == "Dockerfile:2:5: warning: Use COPY\u{FFFD}for \"files\" [DL3020]\nerror: No place [x]\n")
    }

    @Test func jsonText() {
        let value = JSONText.object([
            .init("b", .array([.null, .bool(true), .number(-1)])), .init("a", .object([])), .init("e", .array([])),
            .init("s", .string("\u{1}\u{7F}\\/ä\u{1F600}")),
        ])
        #expect(value.compact == #"{"b":[null,true,-1],"a":{},"e":[],"s":"\u0001\u007f\\/ä😀"}"#)
        #expect(
            value.pretty == """
                {
                  "b": [
                    null,
                    true,
                    -1
                  ],
                  "a": {},
                  "e": [],
                  "s": "\\u0001\\u007f\\\\/ä😀"
                }
                """)
    }

    @Test func edits() throws {
        let file = SourceFile(name: "x", text: "abcdef")
        func edit(_ bytes: Range<Int>, _ text: String) -> Diagnostic.TextEdit {
            Diagnostic.TextEdit(SourceRange(file: file, bytes: bytes), text)
        }
        #expect([edit(4..<5, ""), edit(0..<0, "> "), edit(1..<3, "X")].applied(to: file) == "> aXdf")
        #expect([edit(1..<4, "X"), edit(2..<3, "Y")].applied(to: file) == "aXef")
        #expect([edit(0..<1, "z")].applied(to: SourceFile(name: "y", text: "abc")) == "abc")
    }
}
