import ArgumentParser
import Commands
import OCI
import SystemPackage
import Testing

@testable import ImageBuild

@Suite struct BaseRequestTests {
    struct Bad: Sendable {
        var arguments: [String]
        var says: String
    }

    static let bad = [
        Bad(arguments: ["-t", "UPPER"], says: "-t UPPER"),
        Bad(arguments: ["-t", "a@sha256:" + String(repeating: "0", count: 64)], says: "digest"),
        Bad(arguments: ["-t", "a", "--platform", "linux/s390x"], says: "made for this host"),
        Bad(arguments: ["-t", "a", "--platform", "linux"], says: "made for this host"),
        Bad(arguments: ["-t", "a", "--platform", "windows/\(Platform.host.architecture)"], says: "made for this host"),
        Bad(arguments: ["-t", "a", "--architecture", "s390x"], says: "made for this host"),
        Bad(arguments: ["-t", "a", "--label", "x"], says: "KEY=VALUE"),
        Bad(arguments: ["-t", "a", "--label", "=x"], says: "KEY=VALUE"),
    ]

    @Test(arguments: bad) func badUsageIsToldBeforeAnythingIsDone(_ one: Bad) throws {
        let command = try BaseCreate.parse(one.arguments)
        let error = #expect(throws: UsageError.self) { try command.request(epoch: nil) }
        #expect(error?.message.contains(one.says) == true)
    }

    @Test func theEpochIsANumber() throws {
        let command = try BaseCreate.parse(["-t", "a"])
        #expect(throws: UsageError.self) { try command.request(epoch: "yesterday") }
        #expect(throws: UsageError.self) { try command.request(epoch: "-1") }
        #expect(try command.request(epoch: "12").sourceDateEpoch == 12)
    }

    @Test func everythingAskedForIsInTheRequest() throws {
        let command = try BaseCreate.parse([
            "-t", "debian:x", "--variant", "distroless", "--suite", "trixie", "--include", "a,b", "--include", "c=1 d", "--mirror", "http://m/d",
            "--label", "k=v=w", "--keep-docs", "--platform", "linux/\(Platform.host.architecture)",
        ])
        let request = try command.request(epoch: nil)
        #expect(request.reference.familiar == "debian:x")
        #expect(request.packages == ["a", "b", "c=1", "d"])
        #expect(request.labels.map { $0.name + ":" + $0.value } == ["k:v=w"])
        #expect(
            request.historyLine(suite: "trixie")
                == "jettison base create --variant distroless --suite trixie --include a,b,c=1,d --keep-docs")
    }

    struct Wrong: Sendable {
        var packages: [String] = []
        var suite: String?
        var mirror: String?
        var variant = BaseRequest.Variant.minbase
        var error: BaseError?
    }

    static let wrong = [
        Wrong(packages: ["bash", "g++", "libc6:amd64", "a=1:2~3+b1", "bash/bookworm"], error: nil),
        Wrong(packages: ["--force"], error: .badPackageName("--force")), Wrong(packages: ["bash-"], error: .badPackageName("bash-")),
        Wrong(packages: ["a;rm"], error: .badPackageName("a;rm")), Wrong(packages: ["/etc/x.deb"], error: .badPackageName("/etc/x.deb")),
        Wrong(packages: ["~nx"], error: .badPackageName("~nx")), Wrong(suite: "-x", error: .badSuite("-x")),
        Wrong(suite: "a b", error: .badSuite("a b")), Wrong(mirror: "http://m/debian", error: nil),
        Wrong(mirror: "file:/srv/debian", error: nil), Wrong(mirror: "m/debian", error: .badMirror("m/debian")),
        Wrong(mirror: "http://m [x]", error: .badMirror("http://m [x]")), Wrong(mirror: "exec:/bin/sh", error: .badMirror("exec:/bin/sh")),
        Wrong(variant: .distroless, error: .nothingToInstall), Wrong(variant: .busybox, error: nil),
    ]

    @Test(arguments: wrong) func requestsAreChecked(_ one: Wrong) throws {
        var request = BaseRequest(reference: try Reference(parsing: "a"), variant: one.variant, packages: one.packages)
        request.suite = one.suite
        request.mirror = one.mirror
        var found: BaseError?
        do throws(BaseError) { try request.validate() } catch { found = error }
        #expect(found == one.error)
    }

    @Test func mmdebstrapGetsNamesAsWordsAndPathsInQuotes() {
        let call = Mmdebstrap(
            suite: "bookworm", architecture: "amd64", packages: ["a", "b=1"], keepsDocumentation: true, isRoot: true,
            sources: "/w/it's here/s", settings: "/w/it's here/c", newest: "/w/it's here/n")
        #expect(call.arguments.suffix(3) == ["bookworm", "-", "/w/it's here/s"])
        #expect(call.arguments.contains("--include=a,b=1"))
        #expect(call.arguments.contains("--setup-hook=cat '/w/it'\\''s here/c' >> \"$MMDEBSTRAP_APT_CONFIG\""))
        #expect(call.arguments.contains { $0.hasPrefix("--setup-hook=") && $0.contains("--simulate -- a b=1 ") })
        #expect(!call.arguments.contains { $0.hasPrefix("--dpkgopt") })
    }
}
