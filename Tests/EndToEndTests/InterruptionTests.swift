import TestSupport
import Testing

/// A build that is killed in the middle of a RUN leaves nothing behind, and the next one is right.
@Suite(.enabled(if: Needs.containers, "interruptions need root and overlay mounts"))
struct InterruptionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var signal: String
        /// As the shell sees it.
        var status: String
        var testDescription: String { "SIG" + signal }
    }

    @Test(arguments: [
        Case(signal: "INT", status: "130"), Case(signal: "TERM", status: "143"), Case(signal: "KILL", status: "137"),
    ])
    func leavesNoMountAndNoProcess(_ test: Case) async throws {
        let workspace = try await Workspace(ownStore: true)
        let mark = "77\(Int.random(in: 100_000...999_999))"
        try await workspace.write("FROM base:test\nRUN echo one > /one\nRUN sleep \(mark)\n", to: "c/Dockerfile")
        try await workspace.write("FROM base:test\nRUN echo one > /one\nRUN cat /one > /two\n", to: "d/Dockerfile")
        let text = try await workspace.run(
            """
            before=$(cat /proc/self/mounts)
            jettison build --progress plain c >out 2>log & pid=$!
            # The brackets keep the pattern from finding this script.
            n=0; until pgrep -f '[s]leep \(mark)' >/dev/null || [ $n -gt 300 ]; do sleep 0.1; n=$((n+1)); done
            pgrep -f '[s]leep \(mark)' >/dev/null || { echo 'never started'; cat log; }
            kill -\(test.signal) $pid; wait $pid; echo "status $?"
            n=0; while pgrep -f '[s]leep \(mark)' >/dev/null && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done
            pgrep -f '[s]leep \(mark)' >/dev/null && echo 'a process is left'
            jettison images >/dev/null
            [ "$before" = "$(cat /proc/self/mounts)" ] || echo 'a mount is left'
            jettison build --progress plain -t after d >out2 2>log2 || cat log2
            ls "$JETTISON_ROOT/snapshots/active" "$JETTISON_ROOT/runs" 2>/dev/null | grep -vE '^$|:$|^runtime-' | sed 's/^/left: /'
            jettison run --rm after cat /two
            """)
        #expect(text == "status \(test.status)\none\n")
    }
}
