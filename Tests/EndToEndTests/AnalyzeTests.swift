import TestSupport
import Testing

/// The same image seen in the store and in archives, and the gate.
@Suite(.enabled(if: Needs.containers, "building needs root and overlay mounts"))
struct AnalyzeTests {
    private static let dockerfile = """
        FROM base:test
        COPY kept /kept
        RUN head -c 100000 /dev/zero > /big
        RUN rm /big
        """

    private func workspace() async throws -> Workspace {
        let workspace = try await Workspace()
        try await workspace.write(Self.dockerfile, to: "c/Dockerfile")
        try await workspace.write("kept", to: "c/kept")
        try await workspace.run("jettison build -q -t analyzed:here c")
        return workspace
    }

    private static let facts = #"""
        jq -c '[.base.layers, .image.deadBytes, .image.inefficientBytes, (.layers | length),
          [.layers[1:][].files[] | "\(.change) \(.type) \(.path) \(.size)"]]'
        """#

    @Test func anImageIsTheSameWhereverItLies() async throws {
        let workspace = try await workspace()
        let stored = try await workspace.run("jettison analyze --format json analyzed:here | " + Self.facts)
        #expect(
            stored == #"[1,100000,100000,4,["added file kept 4","added file big 100000","removed file big 100000"]]"# + "\n")
        try await workspace.run(
            "jettison save -o docker.tar analyzed:here; jettison build -q -o type=oci,dest=oci.tar -o type=oci,dest=oci,tar=false c")
        for archive in ["docker.tar", "oci.tar", "oci"] {
            #expect(try await workspace.run("jettison analyze --input \(archive) --format json | " + Self.facts) == stored)
        }
    }

    @Test func theGateDecidesTheExitCode() async throws {
        let workspace = try await workspace()
        let script = """
            jettison analyze analyzed:here >/dev/null && echo open
            CI=true jettison analyze analyzed:here >/dev/null 2>log || echo $?; grep -c FAIL log
            jettison analyze --ci --lowestEfficiency 0 --highestUserWastedPercent off --highestWastedBytes 100kB analyzed:here \
              >/dev/null 2>&1 && echo kept
            printf 'rules:\\n  lowestEfficiency: 0\\n  highestUserWastedPercent: disabled\\n  highestWastedBytes: 99999B\\n' > .dive-ci
            jettison analyze --ci analyzed:here 2>&1 >/dev/null || echo $?
            """
        #expect(
            try await workspace.run(script) == """
                open
                1
                1
                kept
                SKIP  highestUserWastedPercent
                FAIL  highestWastedBytes: 100000 bytes are wasted, more than 99999
                PASS  lowestEfficiency
                1

                """)
    }

    @Test func whatIsWrongIsSaid() async throws {
        let workspace = try await workspace()
        let script = """
            printf 'rules:\\n  lowestEfficiency 0\\n' > bad; echo nothing > no.tar
            jettison analyze --ci --ci-config bad analyzed:here >/dev/null; echo $?
            jettison analyze --input no.tar; echo $?
            jettison analyze --ci --ci-config absent analyzed:here; echo $?
            """
        let output = try await workspace.shell("exec 2>&1\n" + script).text
        #expect(output.contains("bad:2: this line is no \"rule: value\""), "\(output)")
        #expect(output.contains("no.tar is no image archive") || output.contains("no.tar cannot be read"), "\(output)")
        #expect(output.contains("absent"), "\(output)")
        #expect(output.split(separator: "\n").filter { ["1", "64"].contains($0) } == ["64", "1", "1"], "\(output)")
    }
}
