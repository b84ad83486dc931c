import Diagnostics
import DockerfileSyntax
import Testing

/// The document scripts read.
@Suite struct SyntaxJSONTests {
    private func document(_ text: String) -> String {
        SyntaxJSON.document(DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text))).compact
    }

    @Test func copyAndHeredoc() {
        let text = """
            # syntax=docker/dockerfile:1
            FROM debian AS deps
            COPY --from=deps /a ./b
            COPY <<-"EOF" /x
            \tthe text
            \tEOF
            """
        let expected =
            #"{"directives":{"syntax":"docker/dockerfile:1"},"instructions":["#
            + #"{"keyword":"FROM","flags":[],"arguments":["debian","AS","deps"],"form":"plain","original":"FROM debian AS deps","heredocs":[],"start":{"line":2,"column":1},"end":{"line":2,"column":20}},"#
            + #"{"keyword":"COPY","flags":["--from=deps"],"arguments":["/a","./b"],"form":"plain","original":"COPY --from=deps /a ./b","heredocs":[],"start":{"line":3,"column":1},"end":{"line":3,"column":24}},"#
            + #"{"keyword":"COPY","flags":[],"arguments":["<<-\"EOF\"","/x"],"form":"plain","original":"COPY <<-\"EOF\" /x","heredocs":[{"name":"EOF","content":"the text\n","expand":false,"chomp":true}],"start":{"line":4,"column":1},"end":{"line":6,"column":5}}"#
            + #"],"diagnostics":[]}"#
        #expect(document(text) == expected)
    }

    struct Case {
        var line: String
        var arguments: [String]
        var form: InstructionLine.Form
    }

    @Test(arguments: [
        Case(line: "RUN a && \\\n  b", arguments: ["a &&   b"], form: .shell),
        Case(line: "RUN [\"a\", \"b c\"]", arguments: ["a", "b c"], form: .exec),
        Case(line: "CMD echo 'x  y'", arguments: ["echo 'x  y'"], form: .shell),
        Case(line: "ENTRYPOINT []", arguments: [], form: .exec),
        Case(line: "COPY [\"a b\", \"/\"]", arguments: ["a b", "/"], form: .exec),
        Case(line: "ENV A=1 B=\"x y\"", arguments: ["A=1", "B=\"x y\""], form: .plain),
        Case(line: "ENV A the rest of it", arguments: ["A", "the rest of it"], form: .plain),
        Case(line: "WORKDIR /a b", arguments: ["/a b"], form: .plain),
        Case(line: "HEALTHCHECK --retries=3 cmd curl -f x", arguments: ["CMD", "curl -f x"], form: .shell),
        Case(line: "HEALTHCHECK NONE", arguments: ["NONE"], form: .plain),
        Case(line: "ONBUILD RUN make all", arguments: ["RUN", "make all"], form: .plain),
        Case(line: "SHELL [\"/bin/bash\", \"-c\"]", arguments: ["/bin/bash", "-c"], form: .exec),
        Case(line: "EXPOSE 80 443/tcp", arguments: ["80", "443/tcp"], form: .plain),
        Case(line: "STOPSIGNAL SIGINT", arguments: ["SIGINT"], form: .plain),
        Case(line: "NOPE a b", arguments: ["a", "b"], form: .plain),
    ])
    func argumentsAndForm(_ test: Case) throws {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "FROM x\n" + test.line))
        let line = try #require(parsed.value.lines.last)
        #expect(line.arguments == test.arguments)
        #expect(line.form == test.form)
        #expect(line.keyword == line.keyword.uppercased())
    }

    @Test func commentsStandDirectlyAbove() throws {
        let text = "# syntax=a\n# far\n\n# one\n  #  two \nFROM x\n# reset\n#\n# three\nRUN a \\\n# inside\n b\nCMD x"
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text))
        #expect(parsed.value.lines.map(\.comments) == [["one", "two"], ["three"], []])
    }
}
