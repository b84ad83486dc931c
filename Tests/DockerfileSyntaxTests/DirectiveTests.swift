import Diagnostics
import DockerfileSyntax
import Testing

/// `# syntax=`, `# escape=` and `# check=`.
@Suite struct DirectiveTests {
    private func diagnostics(_ text: String, checks: String? = nil) -> [Diagnostic] {
        DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text), checks: checks).diagnostics
    }

    private func codes(_ text: String, checks: String? = nil) -> [String] { diagnostics(text, checks: checks).map(\.code) }

    @Test(arguments: [
        "docker/dockerfile", "docker/dockerfile:1", "docker/dockerfile:1.7", "docker/dockerfile:1.7.1-labs", "docker/dockerfile:labs",
        "docker.io/docker/dockerfile:1", "docker/dockerfile-upstream:master", "docker/dockerfile:1@sha256:00", "dockerfile.v0",
        "docker/dockerfile:1 trailing words",
    ])
    func ourLanguage(_ name: String) { #expect(codes("# syntax=\(name)\nFROM a") == []) }

    @Test(arguments: [
        "docker/dockerfile:2", "docker/dockerfile:1.x", "docker/dockerfil:1", "example.com/docker/dockerfile:1", "example/frontend",
        "localhost:5000/docker/dockerfile:1", "docker/dockerfile:", "dockerfile",
    ])
    func otherLanguages(_ name: String) {
        let found = diagnostics("# syntax=\(name)\nFROM a")
        #expect(found.map(\.code) == ["foreign-syntax"])
        #expect(found.first?.severity == .warning)
    }

    @Test(arguments: [
        "// syntax=x\nanything", "//SYNTAX = x", "#!/usr/bin/env x\n// syntax=x\n", "{\"syntax\": \"x\", \"a\": 1}", "\u{FEFF}{ \"b\": [],\n \"syntax\":\"x\" }",
    ])
    func filesForOtherFrontends(_ text: String) {
        let found = diagnostics(text)
        #expect(found.map(\.code) == ["foreign-syntax"])
        #expect(found.first?.severity == .error)
        #expect(found.first?.message.contains("\"x\"") == true)
    }

    @Test(arguments: ["// comment\nFROM a", "{\"a\": 1}", "{}", "// syntax\nFROM a"])
    func filesForNobody(_ text: String) { #expect(!codes(text).contains("foreign-syntax")) }

    struct Case: Sendable {
        var text: String
        var codes: [String]
        var checks: String?
    }

    @Test(arguments: [
        Case(text: "FROM a\nENV a b\n", codes: ["LegacyKeyValueFormat"]),
        Case(text: "# check=skip=LegacyKeyValueFormat\nFROM a\nENV a b", codes: []),
        Case(text: "# check=skip=all\nFROM a\nENV a b\nMAINTAINER c", codes: []),
        Case(text: "# check=skip=A, LegacyKeyValueFormat ;error=false\nFROM a\nENV a b", codes: []),
        Case(text: "# check=skip=legacykeyvalueformat\nFROM a\nENV a b", codes: ["LegacyKeyValueFormat"]),
        Case(text: "# check=experimental=all\nFROM a\nENV a b", codes: ["LegacyKeyValueFormat"]),
        // Above one instruction, also with blank lines between; a bare # ends it, and it is for the next one only.
        Case(text: "FROM a\n# check=skip=LegacyKeyValueFormat\nENV a b\nENV a b", codes: ["LegacyKeyValueFormat"]),
        Case(text: "FROM a\n#check = skip=all\n\n# more\nENV a b", codes: []),
        Case(text: "FROM a\n# check=skip=all\n#\nENV a b", codes: ["LegacyKeyValueFormat"]),
        Case(text: "FROM a\n# checked=skip=all\nENV a b", codes: ["LegacyKeyValueFormat"]),
        Case(text: "# check=skip=MaintainerDeprecated\nFROM a\n# check=skip=LegacyKeyValueFormat\nENV a b\nMAINTAINER c", codes: []),
        // Errors are not skipped, and wrong options are told.
        Case(text: "# check=skip=all\nFROM a\nCOPY", codes: ["missing-arguments"]),
        Case(text: "# check=skp=all\nFROM a", codes: ["invalid-check-option"]),
        Case(text: "# check=error=maybe\nFROM a", codes: ["invalid-check-option"]),
        Case(text: "# check=x\nFROM a", codes: ["invalid-check-option"]),
        // The build argument replaces the file's own.
        Case(text: "# check=skip=all\nFROM a\nENV a b", codes: ["LegacyKeyValueFormat"], checks: "skip=x"),
        Case(text: "FROM a\nENV a b", codes: [], checks: "skip=LegacyKeyValueFormat"),
        Case(text: "FROM a", codes: ["invalid-check-option"], checks: "nope"),
    ])
    func checks(_ test: Case) { #expect(codes(test.text, checks: test.checks) == test.codes, "\(test.text)") }

    @Test func strictChecksMakeErrorsOfTheReferencesWarningsOnly() {
        let found = diagnostics("# check=error=true\nFROM a\nENV a b\nVOLUME /a # b")
        #expect(found.map(\.code) == ["LegacyKeyValueFormat", "trailing-comment"])
        #expect(found.map(\.severity) == [.error, .warning])
    }

    @Test func escapeBelowAShebangIsAComment() {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "#!/bin/x\n# escape=`\n# syntax=docker/dockerfile:1\nFROM a\nRUN b `\nRUN c"))
        #expect(parsed.value.directives.map(\.name) == ["syntax"])
        #expect(parsed.value.lines.count == 3)
    }

    @Test func backtickContinuesLines() {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "# escape=`\nFROM a\nRUN b `\n c\\\nENV A=`$B C=\"d`\"\""))
        #expect(parsed.value.lines.map(\.arguments) == [["a"], ["b  c\\"], ["A=`$B", "C=\"d`\"\""]])
    }
}
