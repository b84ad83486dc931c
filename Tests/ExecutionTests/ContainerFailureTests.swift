import Execution
import HostSystem
import SystemPackage
import Testing

@Suite(.enabled(if: Host.canRun, Host.whyNot))
struct ContainerFailureTests {
    struct Case: Sendable {
        var arguments: [String]
        var expected: RuntimeError
        var directory = "/"
        var user = ""
    }

    static let cases = [
        Case(arguments: ["gcc", "-v"], expected: .commandNotFound(path: "gcc")),
        Case(arguments: ["/usr/bin/gcc"], expected: .commandNotFound(path: "/usr/bin/gcc")),
        Case(arguments: ["./x"], expected: .commandNotFound(path: "./x"), directory: "/work"),
        Case(arguments: ["/bin/bash", "-c", "true"], expected: .noShell(path: "/bin/bash")),
        Case(arguments: ["/programs/plain"], expected: .notExecutable(path: "/programs/plain")),
        Case(arguments: ["/programs"], expected: .notExecutable(path: "/programs")),
        Case(arguments: ["/programs/text"], expected: .unknownFormat(path: "/programs/text")),
        Case(
            arguments: ["/programs/script"],
            expected: .interpreterNotFound(path: "/programs/script", interpreter: "/usr/bin/python3")),
        Case(
            arguments: ["/programs/foreign"],
            expected: .wrongArchitecture(
                path: "/programs/foreign", program: "mips", machine: HostFacts.kernel.machine)),
        Case(
            arguments: ["/programs/dynamic"],
            expected: .interpreterNotFound(path: "/programs/dynamic", interpreter: "/lib/ld-there-is-none.so")),
        Case(arguments: ["true"], expected: .userNotFound(name: "ap", suggestions: ["app"]), user: "ap"),
        Case(arguments: ["true"], expected: .groupNotFound(name: "weel", suggestions: ["wheel"]), user: "app:weel"),
    ]

    @Test(arguments: Host.installed, cases)
    func saysWhatIsWrong(_ flavor: RuntimeFlavor, _ failure: Case) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .overlay))
        let programs = try host.temporary.directory.createDirectories(at: "base/programs")
        try programs.writeFile([], at: "plain", mode: 0o644)
        try programs.writeFile(Array("echo hello\n".utf8), at: "text", mode: 0o755)
        try programs.writeFile(Array("#!/usr/bin/python3 -u\n".utf8), at: "script", mode: 0o755)
        try programs.writeFile(ProgramFile.bytes(machine: 8, is64: false, linker: nil), at: "foreign", mode: 0o755)
        try programs.writeFile(
            ProgramFile.bytes(machine: ProgramFile.own, is64: true, linker: "/lib/ld-there-is-none.so"), at: "dynamic",
            mode: 0o755)
        let heard = Monitor<[ProcessOutput]>([])
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await host.command(failure.arguments) {
                $0.workingDirectory = failure.directory
                $0.user = failure.user
            } whenWritten: { piece in
                heard.with { $0.append(piece) }
            }
        }
        #expect(heard.with { $0.isEmpty }, "what a runtime says is no output of the step")
        #expect(error == failure.expected)
        #expect(error.map { !$0.description.isEmpty && $0.remedy != nil } == true)
        // And the next one runs.
        #expect(try await host.shell("true").exit == .exited(0))
    }

    @Test(arguments: Host.installed)
    func noShellOnScratch(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .directory))
        let empty = try TemporaryDirectory()
        await #expect(throws: RuntimeError.noShell(path: "/bin/sh")) {
            _ = try await host.runtime.run(
                ContainerProcess(arguments: ["/bin/sh", "-c", "true"], environment: []), in: .directory(empty.path)
            ) { _ in }
        }
        #expect(try empty.directory.entries().isEmpty)
    }

    @Test func saysThatNoneIsInstalled() async throws {
        let empty = try TemporaryDirectory()
        let runtime = CommandLineRuntime(runs: empty.path.appending("runs"), searchPath: empty.path.string)
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await runtime.run(ContainerProcess(arguments: ["x"], environment: []), in: .directory(empty.path)) {
                _ in
            }
        }
        #expect(error == .notInstalled(searched: [empty.path.string]))
        #expect(error?.remedy == "install one: apt-get install crun")
    }

    @Test(.enabled(if: Host.installed.contains(.runc), "needs runc: apt-get install runc"))
    func turnsToTheNextWhenOneDoesNotStart() async throws {
        let directory = try TemporaryDirectory()
        try directory.directory.writeFile(Array("#!/bin/sh\necho broken >&2\nexit 1\n".utf8), at: "crun", mode: 0o755)
        let runtime = CommandLineRuntime(
            runs: directory.path.appending("runs"), searchPath: directory.path.string + ":" + Host.searchPath)
        #expect(try await runtime.flavor().flavor == .runc)
        let alone = CommandLineRuntime(
            runs: directory.path.appending("runs"), searchPath: directory.path.string + ":" + Host.searchPath,
            flavors: [.crun])
        let error = await #expect(throws: RuntimeError.self) { _ = try await alone.flavor() }
        #expect(error?.description.contains("broken") == true)
    }

    @Test(arguments: Host.installed)
    func wrongMountsAreNamed(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .directory))
        await #expect(throws: RuntimeError.mountSourceNotFound(path: "/nowhere")) {
            _ = try await host.shell("true") {
                $0.mounts = [.init(target: "/x", kind: .bind(source: "/nowhere", readOnly: true))]
            }
        }
        await #expect(throws: RuntimeError.self) {
            _ = try await host.shell("true") {
                $0.mounts = [.init(target: "x", kind: .tmpfs(sizeBytes: nil, mode: 0o755))]
            }
        }
        await #expect(throws: RuntimeError.badHost("nothing")) {
            _ = try await host.shell("true") { $0.extraHosts = ["nothing"] }
        }
    }
}

/// The first bytes of an ELF file.
enum ProgramFile {
    static var own: UInt8 { HostFacts.kernel.machine == "aarch64" ? 183 : 62 }

    static func bytes(machine: UInt8, is64: Bool, linker: String?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        bytes.replaceSubrange(0..<7, with: [0x7F, 0x45, 0x4C, 0x46, is64 ? 2 : 1, 1, 1])
        bytes[16] = 2  // executable
        bytes[18] = machine
        bytes[20] = 1
        bytes[32] = 64  // program headers
        bytes[52] = 64
        bytes[54] = 56
        guard let linker else { return bytes }
        bytes[56] = 1  // one of them
        bytes[64] = 3  // PT_INTERP
        bytes[68] = 4
        bytes[72] = 128
        bytes[96] = UInt8(linker.utf8.count + 1)
        bytes[104] = UInt8(linker.utf8.count + 1)
        bytes.replaceSubrange(128..<128 + linker.utf8.count, with: Array(linker.utf8))
        return bytes
    }
}
