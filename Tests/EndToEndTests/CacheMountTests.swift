import TestSupport
import Testing

/// Cache mounts across builds: who waits for whom, what a kill leaves, what counts and what is removed.
@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct CacheMountTests {
    @Test func lockedWaitsForAnotherProcessAndSaysSo() async throws {
        let workspace = try await Workspace(ownStore: true)
        for name in ["a", "b"] {
            try await workspace.write(
                """
                FROM base:test
                RUN --mount=type=cache,id=x,sharing=locked,target=/c : \(name); mkdir /c/lock && touch /c/began; until [ -e /c/go ]; do sleep 0.05; done; rmdir /c/lock
                """, to: name + "/Dockerfile")
        }
        let text = try await workspace.run(
            """
            jettison build -q a >/dev/null & pid=$!
            n=0; until ls "$JETTISON_ROOT"/cache-mounts/*/data/began >/dev/null 2>&1 || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            jettison build --progress plain b >log 2>&1 & other=$!
            n=0; until grep -q 'waiting for the cache mount x' log || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            for data in "$JETTISON_ROOT"/cache-mounts/*/data; do touch "$data/go"; done
            wait $pid; echo "status $?"; wait $other; echo "status $?"
            grep -c 'waiting for the cache mount x' log
            """)
        // When it begins to wait, and when it has waited.
        #expect(text == "status 0\nstatus 0\n2\n")
    }

    @Test func waitingCanBeInterrupted() async throws {
        let workspace = try await Workspace(ownStore: true)
        for (name, work) in [("a", "touch /c/began; sleep 60"), ("b", "true")] {
            try await workspace.write(
                "FROM base:test\nRUN --mount=type=cache,id=x,sharing=locked,target=/c \(work)\n", to: name + "/Dockerfile")
        }
        let text = try await workspace.run(
            """
            jettison build -q a >/dev/null 2>&1 & holder=$!
            n=0; until ls "$JETTISON_ROOT"/cache-mounts/*/data/began >/dev/null 2>&1 || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            jettison build --progress plain b >log 2>&1 & pid=$!
            n=0; until grep -q waiting log || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            kill -INT $pid; wait $pid; echo "status $?"
            kill -0 $holder && echo 'the holder goes on'
            kill -KILL $holder; wait $holder; true
            """)
        #expect(text == "status 130\nthe holder goes on\n")
    }

    @Test func aKilledBuildLeavesItUsable() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            "FROM base:test\nRUN --mount=type=cache,id=x,sharing=locked,target=/c echo kept > /c/f; touch /c/began; sleep 60\n",
            to: "a/Dockerfile")
        try await workspace.write(
            "FROM base:test\nRUN --mount=type=cache,id=x,sharing=locked,target=/c cat /c/f > /f\n", to: "b/Dockerfile")
        let text = try await workspace.run(
            """
            jettison build -q a >/dev/null 2>&1 & pid=$!
            n=0; until ls "$JETTISON_ROOT"/cache-mounts/*/data/began >/dev/null 2>&1 || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            kill -KILL $pid; wait $pid
            jettison build -q -t b b >/dev/null && jettison run --rm b cat /f
            """)
        #expect(text == "kept\n")
    }

    @Test func countsAndIsRemoved() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            """
            FROM base:test
            RUN --mount=type=cache,id=big,target=/c dd if=/dev/zero of=/c/f bs=1k count=300 2>/dev/null
            RUN --mount=type=cache,target=/small echo x > /small/f
            """, to: "c/Dockerfile")
        try await workspace.write(
            "FROM base:test\nRUN --mount=type=cache,id=big,target=/c touch /c/began; sleep 60\n", to: "d/Dockerfile")
        let text = try await workspace.run(
            """
            jettison build -q c >/dev/null
            jettison system df --format '{{.Type}} {{.TotalCount}} {{.Active}}' | tail -1
            jettison du --mounts --format '{{.ID}} {{.InUse}}' | sort
            [ "$(jettison du --mounts --format json | jq '.[] | select(.ID=="big") | .SizeBytes')" -ge 300000 ] && echo big enough
            jettison build -q d >/dev/null 2>&1 & pid=$!
            n=0; until ls "$JETTISON_ROOT"/cache-mounts/*/data/began >/dev/null 2>&1 || [ $n -gt 300 ]; do sleep 0.05; n=$((n+1)); done
            jettison builder prune -f >/dev/null; jettison du --mounts --format '{{.ID}} {{.InUse}}' | sort
            jettison builder prune -f --filter type=exec.cachemount >/dev/null; jettison du --mounts --format '{{.ID}} {{.InUse}}'
            kill -KILL $pid; wait $pid
            jettison builder prune -f --filter type=exec.cachemount --filter until=1h >/dev/null; jettison du --mounts --format '{{.ID}}'
            jettison builder prune -a -f >/dev/null; jettison du --mounts --format '{{.ID}}'
            """)
        #expect(
            text == """
                Cache Mounts 2 0
                /small false
                big false
                big enough
                /small false
                big true
                big true
                big

                """)
    }
}
