import TestSupport
import Testing

/// Entering what a failed step left, and what was built.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct DebugTests {
    private static let dockerfile = """
        FROM base:test AS one
        ENV WORD=hello
        WORKDIR /srv
        RUN echo kept > /srv/file && false
        """

    private func failed() async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(Self.dockerfile + "\n", to: "c/Dockerfile")
        let output = try await workspace.shell("jettison build --progress plain c")
        #expect(output.status == 1)
        #expect(output.standardError.contains("enter it with \"jettison debug\""), "\(output.standardError)")
        return workspace
    }

    @Test func aFailedStepIsEnteredAsItWas() async throws {
        let workspace = try await failed()
        #expect(try await workspace.run("jettison debug -- sh -c 'cat file; echo $WORD; pwd'") == "kept\nhello\n/srv\n")
        // Without a terminal, from a script; and what it changes is gone afterwards.
        #expect(try await workspace.run("echo 'rm file; ls' | jettison debug 2>/dev/null; jettison debug 4 -- ls") == "file\n")
        let exit = try await workspace.shell("jettison debug -- sh -c 'exit 7'")
        #expect(exit.status == 7)
        #expect(try await workspace.run("jettison debug --list --format json | jq -c '.failures[]|[.line,.exitCode]'") == "[4,1]\n")
    }

    @Test func aSuccessTakesWhatTheFailureLeft() async throws {
        let workspace = try await failed()
        try await workspace.run("sed -i 's/false/true/' c/Dockerfile; jettison build -q c; test -z \"$(ls $JETTISON_ROOT/failures)\"")
        let output = try await workspace.shell("jettison debug")
        #expect(output.status == 1)
        #expect(output.standardError.contains("no failed step is kept [nothing-to-enter]"), "\(output.standardError)")
        // What was built can be entered all the same.
        #expect(try await workspace.run("jettison debug --context c one -- cat /srv/file") == "kept\n")
        #expect(try await workspace.run("jettison debug --context c 3 -- ls /srv") == "")
    }

    @Test func aUserWhoIsNotThereIsRoot() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM base:test\nUSER nobdy\nRUN true\n", to: "c/Dockerfile")
        #expect(try await workspace.shell("jettison build --progress plain c").status == 1)
        let output = try await workspace.shell("jettison debug -- id -u")
        #expect(output.status == 0 && output.text == "0\n", "\(output.standardError)")
        #expect(output.standardError.contains("there is no user \"nobdy\" in the image's /etc/passwd: entered as root"))
    }

    @Test func aPruneTakesItToo() async throws {
        let workspace = try await failed()
        try await workspace.run("jettison builder prune -f >&2; test -z \"$(ls $JETTISON_ROOT/failures)\"")
        #expect(try await workspace.shell("jettison debug -- true").status == 1)
        #expect(try await workspace.shell("jettison build --progress plain c").standardError.contains("RUN exited with code 1"))
    }

    private let withoutShell = """
        mkdir s; echo text > s/note; printf 'FROM scratch\\nCOPY note /data/note\\nENV A=b\\n' > s/Dockerfile
        jettison build -q -t bare s >&2

        """

    @Test func anImageWithoutAShellIsLentOne() async throws {
        let workspace = try await Workspace(ownStore: true)
        let text = try await workspace.run(withoutShell + "jettison debug bare -- cat /data/note; echo 'echo $A; ls /data' | jettison debug bare 2>/dev/null")
        #expect(text == "text\nb\nnote\n")
    }

    @Test func withoutABusyboxOurOwnIsLent() async throws {
        let workspace = try await Workspace(ownStore: true)
        let text = try await workspace.run(
            withoutShell + """
                printf 'cat /data/note\\necho $A\\ncd /data\\npwd\\nls\\nnothing\\nexit 4\\n' > input
                unshare -m sh -c 'for f in /bin/busybox /usr/bin/busybox; do mount --bind /dev/null "$(readlink -f $f)" 2>/dev/null; done
                  jettison debug bare <input 2>said; echo "status $?"; grep -c "nothing: not found" said'
                """)
        #expect(text.hasPrefix("text\nb\n/data\n"), "\(text)")
        #expect(text.contains(" note\n") && text.hasSuffix("status 4\n1\n"), "\(text)")
    }

    @Test func whatIsNotThereIsSaid() async throws {
        let workspace = try await failed()
        let output = try await workspace.shell("jettison debug --context c onee")
        #expect(output.standardError.contains("did you mean \"one\"?"), "\(output.standardError)")
        #expect(try await workspace.shell("jettison debug one two").status == 64)
        #expect(try await workspace.shell("jettison debug --nope").status == 64)
    }
}
