import Diagnostics
import Testing

@testable import ImageBuild

@Suite struct AptFailureTests {
    struct Case: Sendable {
        var lines: [String]
        var error: BaseError
    }

    static let cases = [
        Case(
            lines: ["Reading package lists...", "E: Unable to locate package golang-goo", "E: apt-get failed"],
            error: .unknownPackage("golang-goo", near: "golang-go")),
        Case(lines: ["E: Unable to locate package qqqqqqqq"], error: .unknownPackage("qqqqqqqq", near: nil)),
        Case(lines: ["E: Package 'openssl1' has no installation candidate"], error: .unknownPackage("openssl1", near: "openssl")),
        Case(lines: ["E: Version '9' for 'bash' was not found"], error: .unknownVersion("bash=9")),
        Case(lines: ["E: Release 'sid' for 'bash' was not found"], error: .unknownVersion("bash/sid")),
        Case(
            lines: ["Err:1 http://x bookworm InRelease", "  Could not resolve 'x'", "E: Failed to fetch http://x"],
            error: .network("Could not resolve 'x'")),
        Case(lines: ["E: The repository 'http://x sid Release' is not signed."], error: .untrusted("The repository 'http://x sid Release' is not signed.")),
        // A full disk shows itself in many ways; it is the cause of the others.
        Case(
            lines: ["E: Failed to fetch http://x", "tar: write error: No space left on device"],
            error: .diskFull("tar: write error: No space left on device")),
        Case(lines: ["E: unable to pick chroot mode automatically"], error: .notRoot("unable to pick chroot mode automatically")),
        Case(
            lines: ["The following packages have unmet dependencies:", " a : Depends: b (>= 2) but 1 is to be installed"],
            error: .unmetDependencies("a : Depends: b (>= 2) but 1 is to be installed")),
        Case(lines: ["one", "E: two"], error: .failed(program: "apt-get", exit: "exit code 100", lastLines: ["one", "two"])),
        Case(lines: [], error: .failed(program: "apt-get", exit: "exit code 100", lastLines: [])),
    ]

    @Test(arguments: cases) func readsTheCause(_ one: Case) {
        let found = AptFailure.diagnose(program: "apt-get", exit: "exit code 100", lines: one.lines) {
            ["bash", "golang-go", "golang-doc", "openssl"]
        }
        #expect(found == one.error)
    }

    @Test func everyErrorSaysSomethingAndMissingProgramsHowToGetThem() {
        for one in Self.cases { #expect(one.error.diagnostics.allSatisfy { !$0.message.isEmpty && !$0.message.hasSuffix(".") }) }
        #expect(BaseError.toolMissing(program: "mmdebstrap", package: "mmdebstrap").diagnostics[0].help == "apt-get install mmdebstrap")
    }
}
