import Testing

@testable import Execution

struct RuntimeLogTests {
    struct Case: Sendable {
        var log: String
        var message: String?
        var meaning: RuntimeError?
    }

    @Test(arguments: [
        Case(log: "", message: nil, meaning: nil),
        Case(log: #"{"msg":"careful","level":"warning","time":"x"}"# + "\n", message: nil, meaning: nil),
        Case(
            log: #"{"msg":"executable file `/x` not found: No such file or directory","level":"error"}"#,
            message: "executable file `/x` not found: No such file or directory", meaning: .commandNotFound(path: "/x")),
        Case(
            log:
                #"{"level":"error","msg":"runc run failed: unable to start container process: exec: \"/x\": permission denied"}"#,
            message: #"runc run failed: unable to start container process: exec: "/x": permission denied"#,
            meaning: .notExecutable(path: "/x")),
        Case(
            log: "exec /x: exec format error\n", message: "exec /x: exec format error",
            meaning: .unknownFormat(path: "/x")),
        Case(
            log: #"{"msg":"chdir: No such file or directory","level":"error"}"#,
            message: "chdir: No such file or directory", meaning: .workingDirectory(path: "/there")),
        Case(log: #"{"msg":"one","level":"error"}"# + "\ntwo\n", message: "one; two", meaning: nil),
    ])
    func reads(_ test: Case) {
        let message = RuntimeLog(Array(test.log.utf8)).message
        #expect(message == test.message)
        let process = ContainerProcess(arguments: ["/x"], environment: [], workingDirectory: "/there")
        #expect(message.flatMap { RuntimeLog.meaning(of: $0, process: process) } == test.meaning)
    }

    struct OutputCase: Sendable {
        var pieces: [(ProcessOutput.Stream, String)]
        var passed: [String]
        var held: String
        init(_ pieces: [(ProcessOutput.Stream, String)], _ passed: [String], held: String = "") {
            self.pieces = pieces
            self.passed = passed
            self.held = held
        }
    }

    @Test(arguments: [
        OutputCase([(.stdout, "exec /x: hello"), (.stderr, "exec /x: late")], ["exec /x: hello", "exec /x: late"]),
        OutputCase([(.stderr, "exec /x: exec format error\n")], [], held: "exec /x: exec format error\n"),
        OutputCase([(.stderr, "ex"), (.stderr, "ec /x")], [], held: "exec /x"),
        OutputCase([(.stderr, "ex"), (.stderr, "it"), (.stderr, "exec /")], ["ex", "it", "exec /"]),
        OutputCase([(.stderr, "exec /x: "), (.stdout, "and on")], ["exec /x: ", "and on"]),
        OutputCase(
            [(.stderr, #"{"msg":"exec container process `/x`: …"#)], [],
            held: #"{"msg":"exec container process `/x`: …"#),
        OutputCase([(.stderr, "warning: x")], ["warning: x"]),
    ])
    func onlyLastWordsAreHeldBack(_ test: OutputCase) {
        var launch = LaunchOutput()
        var passed: [ProcessOutput] = []
        for (stream, text) in test.pieces { passed += launch.admit(ProcessOutput(stream, Array(text.utf8))) }
        #expect(passed.map { String(decoding: $0.bytes, as: UTF8.self) } == test.passed)
        #expect(String(decoding: launch.held, as: UTF8.self) == test.held)
        let rest = launch.finish()
        #expect(rest.isEmpty == test.held.isEmpty)
    }

    @Test func whateverPassesShowsThatTheProgramRan() {
        var launch = LaunchOutput()
        #expect(launch.admit(ProcessOutput(.stderr, Array("runc run failed: x\n".utf8))).isEmpty)
        #expect(!launch.hasPassed)
        #expect(launch.admit(ProcessOutput(.stdout, [65])).count == 2)
        #expect(launch.hasPassed)
    }

    @Test(
        arguments: [
            ([], nil), ([0x7F, 0x45, 0x4C, 0x46], nil),
            (ProgramFile.bytes(machine: 62, is64: true, linker: "/lib/ld.so"), "/lib/ld.so"),
            (ProgramFile.bytes(machine: 62, is64: true, linker: nil), nil),
            ([UInt8](repeating: 0xFF, count: 4096), nil),
        ] as [([UInt8], String?)])
    func programHeadersOfAnyBytes(_ bytes: [UInt8], _ linker: String?) {
        #expect(ProgramHeader(bytes)?.interpreter == linker)
    }
}
