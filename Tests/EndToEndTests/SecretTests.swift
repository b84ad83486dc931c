import TestSupport
import Testing

/// A secret is seen by the step that asks for it, and by nothing else, ever: not by what the step prints, not by what it
/// leaves when it fails or is killed.
@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct SecretTests {
    /// Looks through everything there is after a build: the store to its last file, and the files named.
    private let search = #"""
        search() {
            grep -rlaF -e "$file" -e "$variable" "$JETTISON_ROOT" "$@" && echo FOUND
            for image in $(jettison images -q --no-trunc); do
                jettison history --no-trunc "$image"; jettison inspect "$image"; jettison save "$image" | tar -xO
            done | grep -aF -e "$file" -e "$variable" && echo FOUND
            return 0
        }
        # Put together here, so that no script or command line has it.
        file=$(printf 'fi%sLe-value' 7a3c); variable=$(printf 'va%sLue-here' 9b1d)
        printf '%s\n' "$file" > secret; export FROM_ENV="$variable"
        options='--secret id=f,src=secret --secret id=e,env=FROM_ENV'
        """#

    @Test(arguments: ["plain", "rawjson", "tty", "quiet"])
    func isNowhere(_ progress: String) async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            """
            FROM base:test
            RUN --mount=type=secret,id=f --mount=type=secret,id=e,env=E cat /run/secrets/f; echo "$E"; echo "x${E}y$(cat /run/secrets/f)z" >&2
            RUN --mount=type=secret,id=f,target=/etc/f,mode=0444 --mount=type=secret,id=e,env=E,target=/w/e sh -c 'for i in 1 2 3; do printf "%.5s" "$E"; sleep 0.05; printf "%s" "${E#?????}"; done'
            RUN --mount=type=secret,id=f test "$(wc -c < /run/secrets/f)" = 15
            """, to: "c/Dockerfile")
        let text = try await workspace.run(
            search + """

                jettison build --progress \(progress) $options --metadata-file meta -o type=image,name=m -o type=oci,dest=oci.tar -o type=local,dest=out c >stdout 2>stderr || cat stderr
                search stdout stderr meta oci.tar out
                [ \(progress) = quiet ] || [ \(progress) = tty ] || grep -c -F '***' stderr | sed 's/^[1-9].*/masked/'
                """)
        let isShown = progress == "plain" || progress == "rawjson"
        #expect(text == (isShown ? "masked\n" : ""))
    }

    @Test func isNowhereAfterAFailure() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            """
            FROM base:test
            RUN --mount=type=secret,id=f --mount=type=secret,id=e,env=E echo "$E" && cat /run/secrets/f && exit 9
            """, to: "c/Dockerfile")
        let text = try await workspace.run(
            search + """

                for progress in plain rawjson; do
                    jettison build --progress $progress $options c >stdout 2>stderr; echo "status $?"
                    search stdout stderr
                done
                """)
        #expect(text == "status 1\nstatus 1\n")
    }

    /// While it runs as well: what a dead machine would find on its disk.
    @Test(arguments: ["TERM", "KILL"])
    func isNowhereWhenKilled(_ signal: String) async throws {
        let workspace = try await Workspace(ownStore: true)
        let mark = "66\(Int.random(in: 100_000...999_999))"
        try await workspace.write(
            """
            FROM base:test
            RUN --mount=type=secret,id=f --mount=type=secret,id=e,env=E echo "$E"; cat /run/secrets/f; exec sleep \(mark)
            """, to: "c/Dockerfile")
        let text = try await workspace.run(
            search + """

                before=$(cat /proc/self/mounts)
                jettison build --progress rawjson $options c >stdout 2>stderr & pid=$!
                n=0; until pgrep -f '[s]leep \(mark)' >/dev/null || [ $n -gt 300 ]; do sleep 0.1; n=$((n+1)); done
                search stdout stderr
                kill -\(signal) $pid; wait $pid; echo "ended"
                search stdout stderr
                [ "$before" = "$(cat /proc/self/mounts)" ] || echo 'a mount is left'
                jettison build -q $options c >/dev/null 2>&1 & pid=$!; sleep 0.5; kill -KILL $pid; wait $pid; search
                """)
        #expect(text == "ended\n")
    }

    @Test func anotherValueIsNoOtherStep() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            "FROM base:test\nRUN --mount=type=secret,id=f,env=E echo ${#E} > /length\n", to: "c/Dockerfile")
        let text = try await workspace.run(
            """
            printf one > secret; first=$(jettison build -q --secret id=f,src=secret c)
            printf another > secret; second=$(jettison build -q --secret id=f,src=secret c)
            [ "$first" = "$second" ] && echo same
            jettison build --progress rawjson c 2>&1 >/dev/null | jq -r 'select(.event=="step" and .id==2) | .status' | tail -1
            """)
        #expect(text == "same\ncached\n")
    }
}
