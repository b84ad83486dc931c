import ArgumentParser
import ImageBuild
import OCI
import Testing

@testable import Commands

/// `build` flags to requests: pure, so a table says it all.
struct BuildRequestTests {
    private static let environment = ["FROM_ENV": "yes", "SOURCE_DATE_EPOCH": "1700000000"]

    private func request(_ line: String, _ environment: [String: String] = environment) throws -> BuildRequest {
        let options = try BuildOptions.parse(line.split(separator: " ").map(String.init))
        return try options.request(context: .directory("."), environment: environment)
    }

    @Test func defaults() throws {
        let request = try request("", [:])
        #expect(request.outputs == [.store])
        #expect(request.tags.isEmpty && request.dockerfile == nil && request.target == nil)
        #expect(request.sourceDateEpoch == nil && !request.noCache && !request.pull)
        #expect(request.network == "default")
    }

    @Test func namesAndPlaces() throws {
        let request = try request(
            "-t app -t reg.example:5000/x:2 -f - --target s --pull --no-cache --no-cache-filter a,b "
                + "--no-cache-filter c")
        #expect(request.tags.map(\.description) == ["docker.io/library/app:latest", "reg.example:5000/x:2"])
        #expect(request.dockerfile == "-")
        #expect(request.target == "s")
        #expect(request.pull && request.noCache)
        #expect(request.noCacheStages == ["a", "b", "c"])
    }

    @Test func arguments() throws {
        let request = try request(
            "--build-arg A=1=2 --build-arg FROM_ENV --build-arg MISSING --build-arg E= --label l --label k=v "
                + "--annotation manifest:a=b")
        #expect(request.buildArguments.map(\.name) == ["A", "FROM_ENV", "MISSING", "E", "SOURCE_DATE_EPOCH"])
        #expect(request.buildArguments.map(\.value) == ["1=2", "yes", nil, "", "1700000000"])
        #expect(request.labels.map(\.name) == ["l", "k"])
        #expect(request.labels.map(\.value) == ["", "v"])
        #expect(request.annotations.map(\.name) == ["a"])
    }

    @Test func limits() throws {
        let request = try request(
            "--network none --add-host a:1.2.3.4 --add-host b=[::1] --add-host c:::1 -m 512m --shm-size 1GiB")
        #expect(request.network == "none")
        #expect(request.extraHosts == ["a:1.2.3.4", "b:::1", "c:::1"])
        #expect(request.memoryLimitBytes == 512 << 20)
        #expect(request.sharedMemoryBytes == 1 << 30)
    }

    @Test func epoch() throws {
        #expect(try request("").sourceDateEpoch == 1_700_000_000)
        #expect(try request("--build-arg SOURCE_DATE_EPOCH=7").sourceDateEpoch == 7)
        #expect(try request("", ["SOURCE_DATE_EPOCH": ""]).sourceDateEpoch == nil)
    }

    struct OutputCase: Sendable {
        var line: String
        var outputs: [BuildRequest.Output]
        var tags: [String] = []
    }

    @Test(arguments: [
        OutputCase(line: "-o out", outputs: [.directory(path: "out")]),
        OutputCase(line: "-o -", outputs: [.tar(path: "-")]),
        OutputCase(line: "--output=type=local,dest=d", outputs: [.directory(path: "d")]),
        OutputCase(line: "-o dest=d", outputs: [.directory(path: "d")]),
        OutputCase(line: "-o type=tar,dest=x.tar", outputs: [.tar(path: "x.tar")]),
        OutputCase(line: "-o type=oci,dest=a.tar", outputs: [.layout(path: "a.tar", archive: true)]),
        OutputCase(line: "-o type=oci,tar=false,dest=a", outputs: [.layout(path: "a", archive: false)]),
        OutputCase(line: "-o type=docker,dest=a.tar --load", outputs: [.store, .dockerArchive(path: "a.tar")]),
        OutputCase(line: "-o type=docker,name=b:2", outputs: [.store], tags: ["docker.io/library/b:2"]),
        OutputCase(
            line: "-o type=image,name=a,push=false", outputs: [.store], tags: ["docker.io/library/a:latest"]),
        OutputCase(
            line: "-o type=image,\"name=a,b\" -t a", outputs: [.store],
            tags: ["docker.io/library/a:latest", "docker.io/library/b:latest"]),
        OutputCase(line: "-o d -o d -o type=tar,dest=t", outputs: [.directory(path: "d"), .tar(path: "t")]),
        OutputCase(line: "-o type=local,\"dest=a,b\"", outputs: [.directory(path: "a,b")]),
    ]) func outputs(_ item: OutputCase) throws {
        let request = try request(item.line)
        #expect(request.outputs == item.outputs)
        #expect(request.tags.map(\.description) == item.tags)
    }

    struct Refusal: Sendable {
        var line: String
        var message: String
    }

    @Test(arguments: [
        Refusal(
            line: "-o type=registry", message: "pushing needs a name that says where to"),
        Refusal(line: "-o type=image,push=true", message: "pushing needs a name that says where to"),
        Refusal(line: "-o type=ocu,dest=x", message: "unknown output type \"ocu\""),
        Refusal(line: "-o type=oci", message: "'--output' needs dest=…"),
        Refusal(line: "-o type=oci,dest=x,tar=maybe", message: "'--output': tar is true or false, not \"maybe\""),
        Refusal(line: "-o type=oci,dest=x,dset=y", message: "'--output' does not know the key \"dset\""),
        Refusal(line: "-o type=local,dest=x,push=true", message: "'--output' has no use for push= here"),
        Refusal(line: "-o type=oci,oops", message: "'--output' is made of key=value, found \"oops\""),
        Refusal(line: "-o - -o type=docker,dest=-", message: "only one output can go to standard output"),
        Refusal(
            line: "--platform linux/riscv64",
            message: "building for linux/riscv64 on \(Platform.host) is not available yet"),
        Refusal(line: "--network vpn", message: "'--network vpn' is not available yet"),
        Refusal(line: "-m lots", message: "'--memory' is a size such as 512m or 2g, not \"lots\""),
        Refusal(line: "--shm-size 0", message: "'--shm-size' is a size such as 512m or 2g, not \"0\""),
        Refusal(line: "--add-host nowhere", message: "'--add-host' is HOST:IP, found \"nowhere\""),
        Refusal(line: "--build-arg =x", message: "'--build-arg' needs a name before '=', found \"=x\""),
        Refusal(line: "--annotation x", message: "'--annotation' is KEY=VALUE, found \"x\""),
        Refusal(
            line: "--build-arg SOURCE_DATE_EPOCH=now",
            message: "SOURCE_DATE_EPOCH is a number of seconds since 1970, not \"now\""),
        Refusal(
            line: "-t Bad",
            message: "'--tag': invalid image reference \"Bad\": repository names are lower case"),
    ]) func refusals(_ item: Refusal) throws {
        let error = #expect(throws: UsageError.self) { try request(item.line, [:]) }
        #expect(error?.message == item.message)
        #expect(error.map { ErrorPresentation.present($0).exitCode.rawValue } == 64)
    }

    @Test(arguments: [
        ("--cache-from x --squash", "--squash"), ("--cache-from x", "--cache-from"), ("--cache-to x", "--cache-to"),
        ("--squash", "--squash"), ("--sbom true", "--sbom"),
        ("--provenance=mode=max", "--provenance"), ("--sbom=false --provenance=false", nil), ("", nil),
    ] as [(String, String?)]) func unavailable(line: String, name: String?) throws {
        let options = try UnavailableBuildOptions.parse(line.split(separator: " ").map(String.init))
        #expect(options.requested == name)
    }
}
