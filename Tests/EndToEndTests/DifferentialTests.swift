import HostSystem
import SystemPackage
import TestSupport
import Testing

/// COPY and ADD against buildah, with random trees, ignore files and instructions. `Tests/Differential/copy-fuzz.py` says
/// what is compared and which disagreements are the peer's. `JETTISON_FUZZ_COUNT` is the number of rounds of thirty
/// instructions (default 2), `JETTISON_FUZZ_SEED` chooses others.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct DifferentialTests {
    @Test(
        .enabled(if: Needs.program("buildah"), "needs buildah"), .enabled(if: Needs.program("python3"), "needs python3"))
    func copyAgreesWithBuildah() async throws {
        var script = FilePath(#filePath)
        for _ in 0..<2 { script.removeLastComponent() }
        script.append("Differential/copy-fuzz.py")
        let output = try await ShellCommand.run(
            #"exec python3 "$1" --jettison "$2" --rounds "${JETTISON_FUZZ_COUNT:-2}" --seed "${JETTISON_FUZZ_SEED:-1}" 2>&1"#,
            [script.string, Program.path])
        #expect(output.status == 0, "\(output.text)")
    }
}
