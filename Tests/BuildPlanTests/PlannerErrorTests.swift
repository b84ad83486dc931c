import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI
import Testing

struct PlannerErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var code: String
        var marked: String
        var help: String?
        var target: String?
        var testDescription: String { code + ": " + marked }
    }

    @Test(arguments: [
        Case(text: "FROM scratch AS builder\nFROM scratch\nCOPY --from=bulder /a /b\n", code: "stage-not-found", marked: "bulder", help: "did you mean \"builder\"?"),
        Case(text: "FROM scratch\nCOPY --from=later /a /b\nFROM scratch AS later\n", code: "stage-not-found", marked: "later", help: "move the stage"),
        Case(text: "FROM scratch AS me\nCOPY --from=me /a /b\n", code: "copy-from-itself", marked: "me"),
        Case(text: "FROM scratch\nCOPY --from=3 /a /b\n", code: "stage-not-found", marked: "3"),
        Case(text: "FROM scratch\nCOPY --from=$X /a /b\n", code: "from-not-expanded", marked: "$X"),
        Case(text: "FROM $NOTHING\n", code: "base-empty", marked: "$NOTHING"),
        Case(text: "FROM UPPER/Case\n", code: "reference-invalid", marked: "UPPER/Case"),
        Case(text: "FROM scratch\nEXPOSE 99999\n", code: "port-invalid", marked: "99999"),
        Case(text: "FROM scratch\nSTOPSIGNAL SIGNOPE\n", code: "signal-unknown", marked: "SIGNOPE"),
        Case(text: "FROM scratch\nHEALTHCHECK --interval=fast CMD x\n", code: "duration-invalid", marked: "fast"),
        Case(text: "FROM scratch\nCOPY --chmod=999 a b\n", code: "chmod-invalid", marked: "999"),
        Case(text: "FROM scratch AS builder\nFROM scratch\nRUN --mount=from=bulder,target=/x a\n", code: "stage-not-found", marked: "bulder", help: "did you mean \"builder\"?"),
        Case(text: "FROM scratch\nRUN --mount=from=later,target=/x a\nFROM scratch AS later\n", code: "stage-not-found", marked: "later", help: "move the stage"),
        Case(text: "FROM scratch AS me\nRUN --mount=from=me,target=/x a\n", code: "mount-from-itself", marked: "me"),
        Case(text: "FROM scratch\nRUN --mount=type=cache,from=$X,target=/x a\n", code: "from-not-expanded", marked: "$X", help: "--mount=from=files"),
        Case(text: "FROM scratch\nRUN --mount=type=cache a\n", code: "mount-target-missing", marked: "type=cache", help: "target="),
        Case(text: "FROM scratch\nRUN --mount=target=/ a\n", code: "mount-target-invalid", marked: "/"),
        Case(text: "FROM scratch\nRUN --mount=target=/a/../.. a\n", code: "mount-target-invalid", marked: "/a/../.."),
        Case(text: "FROM scratch AS empty\nFROM scratch\nRUN --mount=from=empty,source=/a,target=/x a\n", code: "mount-source-empty", marked: "/a"),
        Case(text: "FROM scratch\nARG KIND=cahce\nRUN --mount=type=$KIND,target=/x a\n", code: "mount-value-unknown", marked: "$KIND", help: "did you mean \"cache\"?"),
        Case(text: "FROM scratch\nARG KIND=bind\nRUN --mount=type=$KIND,target=/x,size=1 a\n", code: "mount-option-misplaced", marked: "size=1"),
        Case(text: "FROM scratch\nARG MODE=rwx\nRUN --mount=type=cache,target=/x,mode=$MODE a\n", code: "mount-value-invalid", marked: "$MODE", help: "octal"),
        Case(text: "FROM scratch\nRUN --mount=type=secret,target=/ a\n", code: "mount-secret-unnamed", marked: "type=secret,target=/"),
        Case(text: "FROM scratch\nRUN --network=hots a\n", code: "network-unknown", marked: "hots", help: "did you mean \"host\"?"),
        Case(text: "FROM scratch AS final\n", code: "target-not-found", marked: "finl", help: "did you mean \"final\"?", target: "finl"),
    ])
    func wrongFilesAreExplained(_ test: Case) throws {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: test.text))
        var options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        options.target = test.target
        var found: [Diagnostic] = parsed.diagnostics.filter { $0.severity == .error }
        do {
            let outline = try Planner.outline(parsed.value, options: options)
            _ = try Planner.plan(outline, bases: [:], options: options)
        } catch { found += error.diagnostics }
        let diagnostic = try #require(found.first { $0.code == test.code }, "\(found)")
        #expect(diagnostic.primary?.range.text == test.marked)
        if let help = test.help { #expect(diagnostic.help?.contains(help) == true, "\(diagnostic.help ?? "no help")") }
    }
}
