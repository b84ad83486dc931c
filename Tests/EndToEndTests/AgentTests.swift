import TestSupport
import Testing

/// RUN --mount=type=ssh with real agents. The client in the container is the host's own ssh-add, put there with its
/// libraries.
@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct AgentTests {
    private func workspace(_ steps: String) async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.run(
            """
            mkdir -p c/root; cd c
            for file in "$(command -v ssh-add)" $(ldd "$(command -v ssh-add)" | grep -o '/[^ ]*'); do
                # In the base /lib is a link to /usr/lib.
                to=root$(echo "$file" | sed 's|^/lib/|/usr/lib/|'); mkdir -p "$(dirname "$to")"; cp -L "$file" "$to"
            done
            ssh-keygen -q -t ed25519 -N '' -C first-key -f ../first; ssh-keygen -q -t ed25519 -N '' -C second-key -f ../second
            ssh-keygen -q -t ed25519 -N 'a passphrase' -C locked-key -f ../locked
            """)
        try await workspace.write("FROM base:test\nCOPY root/ /\n" + steps, to: "c/Dockerfile")
        return workspace
    }

    private let output = #"jq -rj 'select(.event=="log") | .data'"#

    @Test func theAgentOfTheCaller() async throws {
        let workspace = try await workspace(
            """
            RUN --mount=type=ssh ssh-add -l | cut -d' ' -f3; stat -c '%a %u:%g' "$SSH_AUTH_SOCK"; echo "$SSH_AUTH_SOCK"
            RUN --mount=type=ssh,id=default,target=/agent/here,mode=0666,uid=7,gid=8 stat -c '%a %u:%g' /agent/here
            RUN test ! -e /agent && test ! -e /run/buildkit && ! ssh-add -l

            """)
        let text = try await workspace.run(
            """
            eval "$(ssh-agent)" >/dev/null; ssh-add -q first second
            jettison build --progress rawjson --ssh default c 2>&1 >/dev/null | \(output) | grep -v 'Could not open'
            kill $SSH_AGENT_PID
            """)
        #expect(
            text == "first-key\nsecond-key\n600 0:0\n/run/buildkit/ssh_agent.0\n666 7:8\n", "\(text)")
    }

    /// ssh-agent speaks to its own user alone: through us another user of the container may ask it too.
    @Test func anotherUserOfTheContainer() async throws {
        let workspace = try await workspace("USER 1234\nRUN --mount=type=ssh,uid=1234 ssh-add -l | cut -d' ' -f3\n")
        let text = try await workspace.run(
            """
            eval "$(ssh-agent)" >/dev/null; ssh-add -q first
            jettison build --progress rawjson --ssh default=$SSH_AUTH_SOCK c 2>&1 >/dev/null | \(output)
            kill $SSH_AGENT_PID
            """)
        #expect(text == "first-key\n")
    }

    @Test func keysOfFilesAndManyAtOnce() async throws {
        let workspace = try await workspace(
            """
            RUN --mount=type=ssh,id=mine for i in 1 2 3 4 5 6 7 8 9; do ssh-add -l | cut -d' ' -f3 >/tmp/$i & done; wait; cat /tmp/? | sort | uniq -c | tr -s ' '

            """)
        let text = try await workspace.run(
            """
            unset SSH_AUTH_SOCK
            jettison build --progress rawjson --ssh mine=first,second c 2>&1 >/dev/null | \(output)
            sleep 0.2; pgrep -f '[s]sh-agent -D -a /tmp/jettison-ssh' >/dev/null && echo 'an agent is left'
            ls -d /tmp/jettison-ssh-* 2>/dev/null | while read d; do [ "$d" -nt c ] && echo "left: $d"; done
            grep -rlaF "$(sed -n 3p first)" "$JETTISON_ROOT"
            true
            """)
        #expect(text == " 9 first-key\n 9 second-key\n")
    }

    @Test func aKeyWithAPassphrase() async throws {
        let workspace = try await workspace("RUN --mount=type=ssh ssh-add -l\n")
        let output = try await workspace.shell("jettison build --progress plain --ssh default=locked c")
        #expect(output.status == 1)
        #expect(output.standardError.contains("ssh-add does not take") && output.standardError.contains("[ssh-failed]"), "\(output.standardError)")
        #expect(output.standardError.contains("your own agent"), "\(output.standardError)")
    }
}
