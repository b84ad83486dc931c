import Subprocess
import SystemPackage

/// Runs a shell script and collects what it says: for tests that compare us with the tools of the field.
package enum ShellCommand {
    package struct Output: Sendable {
        /// The exit status, or 128 and the signal.
        package var status: Int
        package var standardOutput: [UInt8]
        package var standardError: String

        package var text: String { String(decoding: standardOutput, as: UTF8.self) }
    }

    /// `arguments` are `$1`, `$2`, … of the script; `input` is its standard input. Output beyond 512 MiB is an error.
    package static func run(_ script: String, _ arguments: [String] = [], input: [UInt8] = []) async throws -> Output {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: Arguments(["-c", script, "sh"] + arguments), input: .array(input),
            output: .bytes(limit: 512 << 20), error: .string(limit: 1 << 20))
        let status =
            switch result.terminationStatus {
            case .exited(let code): Int(code)
            case .signaled(let signal): 128 + Int(signal)
            }
        return Output(status: status, standardOutput: result.standardOutput, standardError: result.standardError)
    }
}

/// A small generator whose numbers are the same in every run (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    package init(seed: UInt64) { state = seed }
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
