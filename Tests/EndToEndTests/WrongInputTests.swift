import TestSupport
import Testing

/// Things that go wrong outside the file: each with a sentence, an exit code, and nothing lost.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct WrongInputTests {
    @Test func aFullDiskIsNamedAndTheStoreStaysUsable() async throws {
        let workspace = try await Workspace()
        try await workspace.write("FROM scratch\nCOPY big /big\n", to: "c/Dockerfile")
        let output = try await workspace.shell(
            """
            head -c 40000000 /dev/urandom > c/big; mkdir small
            unshare -m sh -c 'mount -t tmpfs -o size=20m none small && {
              jettison --root small build --progress plain c; echo "status $?"
              rm -f c/big; echo tiny > c/big
              jettison --root small build -q -t tiny c >/dev/null && jettison --root small images -q | wc -l; }'
            """)
        #expect(output.text.contains("status 1"), "\(output.text)\(output.standardError)")
        #expect(output.standardError.contains("no space left"), "\(output.standardError)")
        #expect(output.standardError.contains("Dockerfile:2"), "\(output.standardError)")
        #expect(output.text.hasSuffix("1\n"), "\(output.text)\(output.standardError)")
    }

    @Test func withoutARuntimeTheRemedyIsNamed() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM base:test\nRUN true\n", to: "c/Dockerfile")
        let output = try await workspace.shell(
            "mkdir empty; rm -rf \"$JETTISON_ROOT/runs\"; b=$(command -v jettison); PATH=$PWD/empty \"$b\" build --progress plain c")
        #expect(output.status == 1)
        #expect(output.standardError.contains("Dockerfile:2"), "\(output.standardError)")
        #expect(output.standardError.contains("apt-get install") && output.standardError.contains("crun"), "\(output.standardError)")
    }

    @Test func anUnreadableContextFileIsNamed() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM scratch\nCOPY . /\n", to: "c/Dockerfile")
        try await workspace.write("secret", to: "c/sub/locked")
        let output = try await workspace.shell(
            """
            chmod 000 c/sub/locked
            # Root reads everything unless it lacks the capabilities to.
            capsh --drop=cap_dac_override,cap_dac_read_search -- -c 'chown nobody c/sub/locked; jettison build --progress plain c'
            """)
        #expect(output.status == 1)
        #expect(output.standardError.contains("sub/locked"), "\(output.standardError)")
        #expect(output.standardError.contains("Dockerfile:2"), "\(output.standardError)")
    }

    @Test(arguments: [
        ("jettison build --frobnicate c", 64), ("jettison build", 64), ("jettison build --target nope c", 1),
        ("jettison build nowhere", 1), ("jettison rmi nothing:here", 1), ("jettison bild c", 64),
        ("jettison build -f missing c", 1),
    ])
    func exitCodes(_ command: String, _ status: Int) async throws {
        let workspace = try await Workspace()
        try await workspace.write("FROM scratch\nLABEL a=b\n", to: "c/Dockerfile")
        let output = try await workspace.shell(command)
        #expect(output.status == status, "\(output.standardError)")
        #expect(!output.standardError.isEmpty)
        #expect(output.text.isEmpty, "\(output.text)")
    }
}
