import Diagnostics
import Testing

/// Which value a name has where (Dockerfile reference, ARG and ENV).
struct ArgumentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var text: String
        var arguments: [String] = []
        var target: String?
        var environment: [String]
        var testDescription: String { what }
    }

    @Test(arguments: [
        Case(what: "a default", text: "FROM b\nARG A=1\nRUN x", environment: ["A=1"]),
        Case(what: "the command line beats the default", text: "FROM b\nARG A=1\nRUN x", arguments: ["A=2"], environment: ["A=2"]),
        Case(what: "empty is a value", text: "FROM b\nARG A=1\nRUN x", arguments: ["A="], environment: ["A="]),
        Case(what: "without a value there is no variable", text: "FROM b\nARG A\nARG B=\nRUN x", environment: ["B="]),
        Case(what: "undeclared arguments stay outside", text: "FROM b\nRUN x", arguments: ["A=2"], environment: []),
        Case(what: "not before its declaration", text: "FROM b\nRUN x\nARG A=1", environment: []),
        Case(what: "a global needs redeclaring", text: "ARG A=1\nFROM b\nRUN x", environment: []),
        Case(what: "a global redeclared", text: "ARG A=1\nFROM b\nARG A\nRUN x", environment: ["A=1"]),
        Case(what: "the stage's default beats the global's", text: "ARG A=1\nFROM b\nARG A=2\nRUN x", environment: ["A=2"]),
        Case(what: "the command line beats both", text: "ARG A=1\nFROM b\nARG A=2\nRUN x", arguments: ["A=3"], environment: ["A=3"]),
        Case(what: "globals see globals", text: "ARG A=1 B=$A-x\nARG C=${B}y\nFROM b\nARG C\nRUN x", environment: ["C=1-xy"]),
        Case(what: "one instruction's arguments see those before", text: "FROM b\nARG A=1 B=$A\nRUN x", environment: ["A=1", "B=1"]),
        Case(what: "ENV below hides ARG", text: "FROM b\nARG A=1\nENV A=2\nRUN x", environment: ["A=2"]),
        Case(what: "ARG below hides ENV", text: "FROM b\nENV A=1\nARG A=2\nRUN x", environment: ["A=2"]),
        Case(what: "ARG without a value hides nothing", text: "FROM b\nENV A=1\nARG A\nRUN x", environment: ["A=1"]),
        Case(what: "ENV takes the argument of its name", text: "FROM b\nARG A=1\nENV A=v$A\nRUN x", environment: ["A=v1"]),
        Case(what: "one value for a whole ENV", text: "FROM b\nENV A=1\nENV A=2 B=$A\nRUN x", environment: ["A=2", "B=1"]),
        Case(what: "a child stage inherits arguments", text: "FROM b AS p\nARG A=1\nFROM p\nRUN x", environment: ["A=1"]),
        Case(what: "an unrelated stage does not", text: "FROM b AS p\nARG A=1\nFROM b\nRUN x", environment: []),
        Case(what: "declared again without a default it stays", text: "FROM b AS p\nARG A=1\nFROM p\nARG A\nRUN x", environment: ["A=1"]),
        Case(what: "platform arguments", text: "FROM b\nARG TARGETARCH TARGETPLATFORM BUILDOS TARGETVARIANT\nRUN x",
            environment: ["TARGETARCH=amd64", "TARGETPLATFORM=linux/amd64", "BUILDOS=linux", "TARGETVARIANT="]),
        Case(what: "platform arguments need declaring", text: "FROM b\nRUN x", environment: []),
        Case(what: "a platform argument overruled", text: "FROM b\nARG TARGETARCH\nRUN x", arguments: ["TARGETARCH=z"], environment: ["TARGETARCH=z"]),
        Case(what: "a default beats the platform's value", text: "FROM b\nARG TARGETARCH=x\nRUN x", environment: ["TARGETARCH=x"]),
        Case(what: "TARGETSTAGE unnamed", text: "FROM b\nARG TARGETSTAGE\nRUN x", environment: ["TARGETSTAGE=default"]),
        Case(what: "TARGETSTAGE of the last stage", text: "FROM b AS a\nFROM b AS Fin\nARG TARGETSTAGE\nRUN x", environment: ["TARGETSTAGE=fin"]),
        Case(what: "TARGETSTAGE of the target", text: "FROM b AS a\nARG TARGETSTAGE\nRUN x\nFROM b AS fin", target: "a", environment: ["TARGETSTAGE=a"]),
        Case(what: "a default that is not needed may be wrong", text: "FROM b\nARG A=${B:?missing}\nRUN x", arguments: ["A=1"], environment: ["A=1"]),
        Case(what: "the same before FROM", text: "ARG A=${B:?missing}\nFROM b\nARG A\nRUN x", arguments: ["A=1"], environment: ["A=1"]),
        Case(what: "a declared proxy is an argument like others", text: "FROM b\nARG http_proxy\nRUN x", arguments: ["http_proxy=p"], environment: ["http_proxy=p"]),
        Case(what: "what speaks to the builder is not seen", text: "FROM b\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN x", environment: []),
        Case(what: "names keep their case", text: "FROM b\nARG a=1 A=2\nRUN x", environment: ["a=1", "A=2"]),
    ])
    func environment(_ test: Case) throws {
        let planned = try Planned(test.text, arguments: test.arguments, target: test.target)
        #expect(planned.environment == test.environment)
    }

    struct Wrong: Sendable {
        var text: String
        var code: String
        var arguments: [String] = []
    }

    @Test(arguments: [
        Wrong(text: "FROM b\nARG A=${B:?missing}", code: "variable-required"),
        Wrong(text: "ARG A=${B:?missing}\nFROM b", code: "variable-required"),
        Wrong(text: "ARG A\nFROM $A", code: "base-empty"),
        Wrong(text: "FROM b\nENV $A=1", code: "empty-name"),
        Wrong(text: "FROM b\nLABEL ${A}=1", code: "empty-name"),
        Wrong(text: "FROM --platform=$NOPE b", code: "platform-invalid"),
    ])
    func failures(_ test: Wrong) {
        let error = #expect(throws: DiagnosticsError.self) { try Planned(test.text, arguments: test.arguments) }
        #expect(error?.diagnostics.filter { $0.severity == .error }.map(\.code) == [test.code])
    }

    struct Warned: Sendable {
        var text: String
        var warnings: [String]
        var help: String?
    }

    @Test(arguments: [
        Warned(text: "FROM b\nWORKDIR /$A", warnings: ["UndefinedVar"]),
        Warned(text: "FROM b\nARG A\nWORKDIR /$A", warnings: []),
        Warned(text: "FROM b\nWORKDIR /${A:-x}", warnings: []),
        Warned(text: "FROM b\nENV VERSION=1\nWORKDIR /$VERSIN", warnings: ["UndefinedVar"], help: "did you mean \"VERSION\"?"),
        Warned(text: "ARG A=1\nFROM b\nWORKDIR /$A", warnings: ["UndefinedVar"], help: "a global ARG reaches a stage only through \"ARG A\" inside it"),
        Warned(text: "FROM b\nWORKDIR /$TARGETARCH", warnings: ["UndefinedVar"], help: "every build knows it, but a stage sees it only after \"ARG TARGETARCH\""),
        Warned(text: "FROM b\nRUN echo $A && echo ${B}", warnings: []),
        Warned(text: "FROM b\nCOPY <<E /x\n$A\nE", warnings: ["UndefinedVar"]),
        Warned(text: "FROM b\nCOPY <<'E' /x\n$A\nE", warnings: []),
        Warned(text: "ARG VERSION=1\nFROM b$VERSON", warnings: ["UndefinedArgInFrom"], help: "did you mean \"VERSION\"?"),
        Warned(text: "FROM b:x$TARGETARCH", warnings: []),
        Warned(text: "FROM b\nWORKDIR $A", warnings: ["UndefinedVar", "workdir-empty"]),
        Warned(text: "FROM b\nUSER $A", warnings: ["UndefinedVar", "user-empty"]),
        Warned(text: "FROM b\nEXPOSE 8080:80", warnings: ["ExposeInvalidFormat"]),
    ])
    func warnings(_ test: Warned) throws {
        let found = try Planned(test.text).warnings
        #expect(found.map(\.code) == test.warnings)
        if let help = test.help { #expect(found.first?.help == help) }
    }
}
