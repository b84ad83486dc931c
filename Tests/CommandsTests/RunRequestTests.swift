import ArgumentParser
import Execution
import ImageBuild
import Testing

@testable import Commands

struct RunRequestTests {
    private func command(_ line: String) throws -> RunCommand {
        let command = try Root.parseAsRoot(["run"] + line.split(separator: " ").map(String.init))
        return try #require(command as? RunCommand)
    }

    @Test func everythingAfterTheImageIsTheContainers() throws {
        let command = try command("--rm --read-only -e A=1 app:1 --read-only -e B=2 -- --root x")
        #expect(command.words == ["app:1", "--read-only", "-e", "B=2", "--", "--root", "x"])
        #expect(command.options.readOnly)
        #expect(command.options.env == ["A=1"])
    }

    @Test func request() throws {
        let command = try command(
            "-e A=1 -e HOME -e NONE -u 1:2 -w /w --entrypoint /e --init --network none -v /a:/b:ro -v ./c:/d "
                + "--tmpfs /t:size=1m,mode=700 --add-host h:::1 -m 1g -it img x")
        let request = try command.options.request(words: command.words, environment: ["HOME": "/root"])
        #expect(request.image == "img")
        #expect(request.arguments == ["x"])
        #expect(request.environment == ["A=1", "HOME=/root"])
        #expect(request.user == "1:2" && request.workingDirectory == "/w" && request.entrypoint == "/e")
        #expect(request.addInit && !request.readOnlyRoot && request.network == .none)
        #expect(
            request.mounts == [
                .init(target: "/b", kind: .bind(source: "/a", readOnly: true)),
                .init(target: "/d", kind: .bind(source: "./c", readOnly: false)),
                .init(target: "/t", kind: .tmpfs(sizeBytes: 1 << 20, mode: 0o700)),
            ])
        #expect(request.extraHosts == ["h:::1"])
        #expect(request.memoryLimitBytes == 1 << 30)
    }

    @Test(arguments: [
        ("-v data:/d img", "'--volume data:/d': named volumes do not exist here"),
        ("-v /a:b img", "'--volume' is SOURCE:/TARGET[:ro], found \"/a:b\""),
        ("-v /a:/b:rx img", "'--volume /a:/b:rx': unknown option \"rx\""),
        ("--tmpfs t img", "'--tmpfs' is an absolute path, found \"t\""),
        ("--tmpfs /t:mode=9 img", "'--tmpfs /t:mode=9': mode is octal, not \"9\""),
        ("--tmpfs /t:=9 img", "'--tmpfs /t:=9': unknown option \"=9\""),
        ("--network bridge img", "'--network bridge' is not available yet"),
    ]) func refusals(line: String, message: String) throws {
        let command = try command(line)
        let error = #expect(throws: UsageError.self) {
            try command.options.request(words: command.words, environment: [:])
        }
        #expect(error?.message == message)
    }

    @Test(arguments: ["", "--bogus img"]) func badUsage(line: String) {
        let error = #expect(throws: (any Error).self) { try command(line) }
        #expect(error.map { Root.exitCode(for: $0).rawValue } == 64)
    }

    @Test func help() {
        let error = #expect(throws: (any Error).self) { try command("--help") }
        #expect(error.map { Root.exitCode(for: $0).rawValue } == 0)
    }
}
