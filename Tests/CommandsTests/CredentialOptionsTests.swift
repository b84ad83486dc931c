import BuildSolver
@testable import Commands
import Execution
import HostSystem
import SystemPackage
import Testing

/// What `--secret`, `--ssh` and `--ulimit` mean.
struct CredentialOptionsTests {
    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory(prefix: "jettison-credentials-")
        file = directory.path.appending("token").string
        try AtomicFile.write(Array("x".utf8), to: FilePath(file))
    }

    private func secrets(
        _ texts: String..., environment: [String: String] = [:]
    ) throws -> [String: BuildSecrets.Source] {
        try CredentialOptions(environment: environment).secrets(texts)
    }

    @Test func fromAFile() throws {
        let path = BuildSecrets.Source.file(FilePath(file))
        #expect(try secrets("id=a,src=\(file)") == ["a": path])
        #expect(try secrets("id=a,source=\(file)", "type=file,id=b,src=\(file)") == ["a": path, "b": path])
        #expect(try secrets("id=\(file)") == [file: path])
    }

    @Test func fromAVariable() throws {
        let value = BuildSecrets.Source.value(Array("v".utf8))
        #expect(try secrets("id=a,env=V", environment: ["V": "v"]) == ["a": value])
        #expect(try secrets("id=V,type=env", environment: ["V": "v"]) == ["V": value])
        #expect(try secrets("id=a,type=env,src=V", environment: ["V": "v"]) == ["a": value])
        // Without a source the variable comes before the file.
        #expect(try secrets("id=V", environment: ["V": "v"]) == ["V": value])
        #expect(try secrets("id=a,env=V") == ["a": .unset(variable: "V")])
    }

    struct Refusal: Sendable {
        var text: String
        var message: String
    }

    @Test(arguments: [
        Refusal(text: "src=x", message: "'--secret' needs id=…"),
        Refusal(text: "id=a,type=socket", message: "'--secret': type is file or env, not \"socket\""),
        Refusal(text: "id=a,src=x,env=Y", message: "'--secret a' has a file and a variable"),
        Refusal(text: "id=a,src=/nowhere/at/all", message: "'--secret id=a': there is no file /nowhere/at/all"),
        Refusal(text: "id=a,src=/tmp", message: "'--secret id=a': /tmp is a directory, not a file"),
        Refusal(text: "id=a,scr=x", message: "'--secret' does not know the key \"scr\""),
        Refusal(text: "a", message: "'--secret' is made of key=value, found \"a\""),
    ]) func refusedSecrets(_ item: Refusal) throws {
        let error = #expect(throws: UsageError.self) { try secrets(item.text) }
        #expect(error?.message == item.message)
    }

    @Test func tooLargeAndTwice() throws {
        try AtomicFile.write([UInt8](repeating: 1, count: 512_001), to: FilePath(file))
        #expect(throws: UsageError.self) { try secrets("id=a,src=\(file)") }
        #expect(throws: UsageError.self) { try secrets("id=a,env=V", "id=a,env=V") }
    }

    @Test func agents() throws {
        let options = CredentialOptions(environment: [:])
        #expect(try options.agents(["default=\(file)"]) == ["default": .keys([FilePath(file)])])
        #expect(try options.agents(["git=\(file),\(file)"]) == ["git": .keys([FilePath(file), FilePath(file)])])
        for text in ["default", "git=/nowhere/at/all", "git=/tmp"] {
            #expect(throws: UsageError.self) { try options.agents([text]) }
        }
        #expect(throws: UsageError.self) { try options.agents(["a=\(file)", "a=\(file)"]) }
        let wrong = CredentialOptions(environment: ["SSH_AUTH_SOCK": file])
        #expect(throws: UsageError.self) { try wrong.agents(["default"]) }
    }

    @Test func limits() throws {
        typealias Limit = ContainerProcess.ResourceLimit
        #expect(try ResourceLimits.parse("nofile=5") == Limit(name: "nofile", soft: 5, hard: 5))
        #expect(try ResourceLimits.parse("nproc=5:7") == Limit(name: "nproc", soft: 5, hard: 7))
        #expect(try ResourceLimits.parse("core=0:-1") == Limit(name: "core", soft: 0, hard: Limit.unlimited))
        for text in ["nofile", "nofile=", "nofile=x", "nofile=7:5", "nofile=1:2:3", "nofile=-2", "files=1", "=1", "core=-1:0"] {
            #expect(throws: UsageError.self, "\(text)") { try ResourceLimits.parse(text) }
        }
    }

    @Test func filtersOfPrune() throws {
        let entry = CacheMountStore.Entry(
            name: "k-0", id: "go", created: .epoch, lastUsed: Timestamp(seconds: 1000), isInUse: false)
        let now = Timestamp(seconds: 5000)
        let mounts = "type=exec.cachemount"
        #expect(try CacheMountFilter([], at: now).kind == nil)
        #expect(try CacheMountFilter([mounts], at: now).keeps(entry))
        #expect(try CacheMountFilter([mounts, "id=go", "until=1h"], at: now).keeps(entry))
        #expect(try !CacheMountFilter([mounts, "id=other"], at: now).keeps(entry))
        #expect(try !CacheMountFilter([mounts, "until=2h"], at: now).keeps(entry))
        for texts in [["type=exec.cachemounts"], ["id=go"], ["kind=x"], ["type"], ["type=regular", "until=1h"]] {
            #expect(throws: UsageError.self, "\(texts)") { try CacheMountFilter(texts, at: now) }
        }
    }
}
