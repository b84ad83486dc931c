import TestSupport
import Testing

/// What a prune takes, and what it leaves.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct PruneTests {
    private func workspace() async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM base:test\nARG V=1\nRUN echo $V > /v && echo kept > /k\n", to: "c/Dockerfile")
        try await workspace.run("jettison build -q -t app c")
        return workspace
    }

    private let ran = #"jettison build --progress rawjson -t app c 2>&1 >/dev/null | jq -r 'select(.status=="done") | .title'"#

    @Test func pruningLeavesTheLatestStepsAndImages() async throws {
        let workspace = try await workspace()
        try await workspace.run("jettison build -q --build-arg V=2 -t two c; jettison builder prune -f >&2")
        // The first build's step was replaced by the second's, of the same title.
        #expect(try await workspace.run(ran) == "RUN echo $V > /v && echo kept > /k\n")
        #expect(try await workspace.run("jettison run --rm two cat /v; jettison run --rm app cat /k") == "2\nkept\n")
    }

    @Test func pruningAllKeepsImagesUsable() async throws {
        let workspace = try await workspace()
        let before = try await workspace.run("ls $JETTISON_ROOT/snapshots/committed | wc -l")
        try await workspace.run("jettison builder prune -a -f >&2")
        #expect(try await workspace.run("ls $JETTISON_ROOT/snapshots/committed | wc -l") < before)
        #expect(try await workspace.run("jettison run --rm app cat /v") == "1\n")
        #expect(try await workspace.run(ran) == "RUN echo $V > /v && echo kept > /k\n")
        #expect(try await workspace.run("jettison run --rm app cat /v") == "1\n")
    }

    @Test func aRunningBuildKeepsWhatItUses() async throws {
        let workspace = try await workspace()
        try await workspace.write("FROM base:test\nRUN echo a > /a\nRUN sleep 2; cat /a > /b\n", to: "d/Dockerfile")
        let text = try await workspace.run(
            """
            jettison build -q -t slow d >id & pid=$!
            sleep 1; jettison builder prune -a -f >&2; jettison image prune -f >&2
            wait $pid; echo "status $?"; jettison run --rm slow cat /b
            """)
        #expect(text == "status 0\na\n")
    }
}
