import Diagnostics
import DockerfileSyntax
import Fuzzing
import TestSupport
import Testing

/// `parse --format dockerfile`: what is printed says the same, and printing it again changes nothing.
@Suite struct PrinterTests {
    struct Case: Sendable {
        var text: String
        var printed: String
    }

    @Test(arguments: [
        Case(text: "from   a  as b", printed: "FROM a  as b\n"),
        Case(text: "  FROM a\r\n\tRun  b  \r\n", printed: "FROM a\nRUN b\n"),
        Case(text: "\n\n# c  \n\n\n\nFROM a\n\n\n", printed: "# c\n\nFROM a\n"),
        Case(text: "\u{FEFF}#Syntax =  docker/dockerfile:1\n#escape=\\\nFROM a", printed: "# syntax=docker/dockerfile:1\n# escape=\\\nFROM a\n"),
        Case(text: "\n#escape=`\nFROM a", printed: "\n#escape=`\nFROM a\n"),
        Case(text: "# one\n#escape=`\nFROM a", printed: "# one\n#escape=`\nFROM a\n"),
        Case(text: "\n#!/bin/x\nFROM a", printed: "\n#!/bin/x\nFROM a\n"),
        Case(text: "FROM a\nRUN x \\  \n   # c  \n\n  y\\\nz", printed: "FROM a\nRUN x \\\n   # c\n  y\\\nz\n"),
        Case(text: "FROM a\nRUN \\\n  x", printed: "FROM a\nRUN \\\n  x\n"),
        Case(text: "FROM a\nRU\\\nN x", printed: "FROM a\nRUN x\n"),
        Case(text: "\\\nFROM a", printed: "FROM a\n"),
        Case(text: "FROM a\nRUN x \\\n# c\n\n", printed: "FROM a\nRUN x\n# c\n"),
        Case(text: "FROM a\nCOPY   --from=b    --link  c   d", printed: "FROM a\nCOPY --from=b --link c   d\n"),
        Case(text: "FROM a\nCOPY --from=b \\\n   --link c d", printed: "FROM a\nCOPY --from=b \\\n   --link c d\n"),
        Case(text: "FROM a\ncopy <<-E <<'F' /x\r\n\tb  \r\n\tE\r\n c\nF\nuser x", printed: "FROM a\nCOPY <<-E <<'F' /x\n\tb  \r\n\tE\n c\nF\nUSER x\n"),
        Case(text: "FROM a\nRUN x \\\\  ", printed: "FROM a\nRUN x \\\\  \n"),
        Case(text: "FROM a\nnope  x", printed: "FROM a\nnope x\n"),
        Case(text: "FROM a\nRUN <<E\nnever", printed: "FROM a\nRUN <<E\nnever"),
        Case(text: "FROM a\nRUN <<E\nnever\r\n\n", printed: "FROM a\nRUN <<E\nnever\r\n\n"),
        Case(text: "FROM a\nRU\\\n# c\nN x", printed: "FROM a\nRUN \\\n# c\n x\n"),
        Case(text: "FROM a\nCM\\\n# c\nD\nUSER x", printed: "FROM a\nCMD\n# c\n\nUSER x\n"),
        Case(text: "", printed: ""), Case(text: "\n\n", printed: ""), Case(text: "# c", printed: "# c\n"),
    ])
    func layout(_ test: Case) {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: test.text))
        #expect(DockerfilePrinter.text(of: parsed.value) == test.printed)
        let again = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: test.printed))
        #expect(DockerfilePrinter.text(of: again.value) == test.printed)
    }

    /// All fixtures, the seeds of the tutorials among them.
    @Test func losesNothing() throws {
        for fixture in try Fixture.all("syntax", beside: #filePath) {
            #expect(FuzzCheck().problems(with: try fixture.bytes(of: "Dockerfile")) == [], "\(fixture.name)")
        }
    }
}
