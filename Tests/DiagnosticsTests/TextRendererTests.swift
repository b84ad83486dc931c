import Diagnostics
import TestSupport
import Testing

@Suite struct TextRendererTests {
    private func render(_ diagnostic: Diagnostic, width: Int = 160) -> String {
        TextRenderer(width: width).render([diagnostic])
    }

    private func range(_ text: MarkedText, _ start: Int = 1, _ end: Int = 2, name: String = "Dockerfile") throws -> SourceRange {
        SourceRange(file: text.file(name), bytes: try text.bytes(start, end))
    }

    @Test func twoFilesNotesAndHelp() throws {
        let dockerfile = MarkedText(String(repeating: "#\n", count: 11) + "COPY 1️⃣src/app2️⃣ /usr/bin/\n")
        let ignore = MarkedText("a\nb\n1️⃣src/*2️⃣\n")
        let diagnostic = Diagnostic(
            .error, "copy-source-not-found", "COPY source \"src/app\" is not in the build context",
            at: try range(dockerfile), "no file in the context matches",
            also: [Diagnostic.Label(try range(ignore, name: ".dockerignore"), "excluded by this pattern")],
            notes: ["37 of 214 files are ignored"], help: "add \"!src/app\" after line 3 of .dockerignore")
        #expect(
            render(diagnostic) == """
                error: COPY source "src/app" is not in the build context [copy-source-not-found]
                  --> Dockerfile:12:6
                   |
                12 | COPY src/app /usr/bin/
                   |      ^^^^^^^ no file in the context matches
                   |
                  ::: .dockerignore:3:1
                   |
                 3 | src/*
                   | ----- excluded by this pattern
                   = note: 37 of 214 files are ignored
                   = help: add "!src/app" after line 3 of .dockerignore

                """)
    }

    @Test func withoutAPlace() {
        let diagnostic = Diagnostic(
            .warning, "x", "Something", at: nil as Diagnostic.Label?, notes: ["two\nlines"], help: "do it")
        #expect(
            render(diagnostic) == """
                warning: Something [x]
                  = note: two
                          lines
                  = help: do it

                """)
    }

    @Test func severalLabelsInOneFile() throws {
        let text = MarkedText("1️⃣one2️⃣\ntwo\n3️⃣three4️⃣\n\n\n5️⃣six6️⃣ here\n")
        let file = text.file()
        func label(_ start: Int, _ text2: String) throws -> Diagnostic.Label {
            Diagnostic.Label(SourceRange(file: file, bytes: try text.bytes(start, start + 1)), text2)
        }
        let diagnostic = Diagnostic(
            .error, "x", "Three places", at: try label(5, "primary"), also: [try label(1, "first"), try label(3, "")])
        #expect(
            render(diagnostic) == """
                error: Three places [x]
                 --> Dockerfile:6:1
                  |
                1 | one
                  | --- first
                2 | two
                3 | three
                  | -----
                ...
                6 | six here
                  | ^^^ primary

                """)
    }

    @Test func severalLines() throws {
        let text = MarkedText("RUN 1️⃣a && \\\n    b && \\\n    c && \\\n    d2️⃣ # e\n")
        #expect(
            render(Diagnostic(.error, "x", "Long", at: try range(text), "all of it")) == """
                error: Long [x]
                 --> Dockerfile:1:5
                  |
                1 | RUN a && \\
                  |     ^^^^^^
                ...
                4 |     d # e
                  |     ^ all of it

                """)
    }

    @Test func tabsAndWideCharacters() throws {
        let text = MarkedText("a\t源e\u{301}1️⃣界2️⃣\t3️⃣x4️⃣")
        #expect(
            render(Diagnostic(.error, "x", "Wide", at: try range(text), "here")) == """
                error: Wide [x]
                 --> Dockerfile:1:6
                  |
                1 | a   源e\u{301}界   x
                  |        ^^ here

                """)
        #expect(render(Diagnostic(.error, "x", "Tab", at: try range(text, 3, 4))).contains("\n  |             ^\n"))
    }

    @Test func longLinesAreShownAroundThePlace() throws {
        let filler = String(repeating: "0123456789", count: 20)
        let middle = MarkedText("RUN \(filler)1️⃣here2️⃣\(filler)")
        #expect(
            render(Diagnostic(.error, "x", "Long line", at: try range(middle), "look"), width: 40) == """
                error: Long line [x]
                 --> Dockerfile:1:205
                  |
                1 | ...890123456789here012345678901234567890123...
                  |                ^^^^ look

                """)
        let all = MarkedText("1️⃣\(filler)2️⃣")
        let rows = render(Diagnostic(.error, "x", "Long range", at: try range(all), "look"), width: 40).split(separator: "\n")
        #expect(rows[3] == "1 | 0123456789012345678901234567890123456789...")
        #expect(rows[4] == "  | \(String(repeating: "^", count: 40)) look")
        let end = MarkedText("\(filler)1️⃣2️⃣")
        let last = render(Diagnostic(.error, "x", "At the end", at: try range(end), "look"), width: 40).split(separator: "\n")
        #expect(last[3] == "1 | ...0123456789012345678901234567890123456789")
        #expect(last[4] == "  | \(String(repeating: " ", count: 43))^ look")
    }

    @Test func nothingInTheTextReachesTheTerminalAsACommand() throws {
        let text = MarkedText("RUN 1️⃣\u{1B}[31m\u{202E}2️⃣")
        let result = render(Diagnostic(.error, "x", "Found \u{1B}[0m", at: try range(text), "\u{7}", help: "\u{8}"))
        #expect(!result.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0 == "\u{202E}" })
        #expect(result.contains("1 | RUN \u{FFFD}[31m\u{FFFD}\n  |     ^^^^^^"))
    }

    @Test func emptyFileAndEndOfFile() {
        let empty = SourceFile(name: "Dockerfile", text: "")
        #expect(
            render(Diagnostic(.error, "x", "Empty", at: SourceRange(file: empty, bytes: 0..<0), "nothing")) == """
                error: Empty [x]
                 --> Dockerfile:1:1
                  |
                1 |
                  | ^ nothing

                """)
        let file = SourceFile(name: "Dockerfile", text: "FROM x\n")
        let end = SourceRange(file: file, bytes: 7..<7)
        #expect(render(Diagnostic(.error, "x", "End", at: end)).contains("--> Dockerfile:2:1\n"))
        // A range that takes in the newline ends on its line.
        let line = SourceRange(file: file, bytes: 0..<7)
        #expect(render(Diagnostic(.error, "x", "Line", at: line)).contains("1 | FROM x\n  | ^^^^^^\n"))
    }

    @Test func colour() throws {
        let text = MarkedText("1️⃣x2️⃣")
        let diagnostic = Diagnostic(.warning, "x", "Bright", at: try range(text), "here", help: "look")
        let coloured = TextRenderer(usesColor: true).render([diagnostic])
        #expect(coloured.hasPrefix("\u{1B}[1;33mwarning\u{1B}[0m\u{1B}[1m: Bright\u{1B}[0m [x]\n"))
        #expect(coloured.contains("\u{1B}[1;33m^ here\u{1B}[0m"))
        var plain = ""
        var inEscape = false
        for character in coloured {
            if character == "\u{1B}" { inEscape = true }
            if !inEscape { plain.append(character) }
            if inEscape, character == "m" { inEscape = false }
        }
        #expect(plain == render(diagnostic))
    }

    @Test func diagnosticsAreSeparatedByABlankLine() {
        let one = Diagnostic(.info, "x", "One", at: nil as Diagnostic.Label?)
        #expect(TextRenderer().render([one, one]) == "info: One [x]\n\ninfo: One [x]\n")
        #expect(TextRenderer().render([]) == "")
    }
}
