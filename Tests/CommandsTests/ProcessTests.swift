import Subprocess
import SystemPackage
import Testing

/// The program itself, started as a shell starts it: what no function call can show.
struct ProcessTests {
    /// Beside the test bundle.
    private static let program = FilePath(CommandLine.arguments[0]).removingLastComponent().appending("jettison")

    private struct Outcome {
        var code: Int32?
        var output: String
        var error: String
    }

    /// Runs a shell script in which `$J` is the program.
    private func shell(_ script: String) async throws -> Outcome {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", script],
            environment: .inherit.updating(["J": Self.program.string, "NO_COLOR": "1"]),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else {
            return Outcome(code: nil, output: result.standardOutput, error: result.standardError)
        }
        return Outcome(code: code, output: result.standardOutput, error: result.standardError)
    }

    @Test(arguments: [
        ("$J", 0), ("$J --version", 0), ("$J help build", 0), ("$J --root /nowhere version", 0), ("$J frobnicate", 64),
        ("$J build", 64), ("$J build . --frob", 64), ("$J build . --push", 64), ("$J build /nowhere", 1),
        ("echo 'FROM scratch' | $J parse -", 0), ("echo FRM | $J parse -", 1),
    ] as [(String, Int32)]) func exitCodes(script: String, code: Int32) async throws {
        #expect(try await shell(script).code == code)
    }

    @Test func resultsAndComplaintsGoDifferentWays() async throws {
        let good = try await shell("$J version")
        #expect(good.output.hasPrefix("jettison "))
        #expect(good.error == "")
        let bad = try await shell("$J versoin")
        #expect(bad.output == "")
        #expect(bad.error == "error: jettison has no command \"versoin\"\n  = help: did you mean \"version\"?\n")
    }

    /// `jettison … | head -1`: whoever had enough is not told about an error.
    @Test func aReaderThatLeavesIsNoError() async throws {
        let closed = try await shell("{ sleep 0.2; $J help; $J version; echo $? >&2; } | true")
        #expect(closed.error == "141\n")
    }

    /// The first signal ends a program that waits for input nobody sends.
    @Test(arguments: [("INT", 130), ("TERM", 143)] as [(String, Int32)])
    func signals(name: String, code: Int32) async throws {
        // A background job of a shell ignores SIGINT: ask for the default back first. Then wait until the program
        // has both signals (bits 1 and 14) in its mask of handled ones.
        let script = """
            mkfifo "$D/pipe"; exec 3<>"$D/pipe"
            env --default-signal=INT "$J" build - <&3 & job=$!
            until [ $((0x$(awk '/^SigCgt/ {print $2}' /proc/$job/status) & 0x4002)) = $((0x4002)) ]; do sleep 0.05; done
            kill -\(name) $job; wait $job
            """
        let outcome = try await shell("D=$(mktemp -d); trap 'rm -rf $D' EXIT\n" + script)
        #expect(outcome.code == code)
        #expect(outcome.error == "")
    }
}
