import TestSupport
import Testing

/// Images made here are accepted by others, and theirs here.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct ExchangeTests {
    private func workspace() async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(
            "FROM base:test\nRUN echo made here > /made && ln /made /linked\nENV WHO=jettison\nCMD [\"/bin/sh\", \"-c\", \"cat /linked\"]\n",
            to: "c/Dockerfile")
        try await workspace.run("jettison build -q -t made:here c")
        return workspace
    }

    @Test(.enabled(if: Needs.program("skopeo"), "needs skopeo"), arguments: ["oci", "docker"])
    func skopeoReadsWhatWeSave(_ format: String) async throws {
        let workspace = try await workspace()
        let transport = format == "oci" ? "oci-archive" : "docker-archive"
        let text = try await workspace.run(
            """
            jettison save --format \(format) -o image.tar made:here
            skopeo inspect --config \(transport):image.tar | jq -r '.config.Env[] | select(startswith("WHO"))'
            skopeo copy -q --insecure-policy \(transport):image.tar dir:copied && ls copied | grep -c '^[0-9a-f]\\{64\\}$'
            """)
        #expect(text == "WHO=jettison\n3\n")
    }

    @Test(.enabled(if: Needs.program("buildah"), "needs buildah"))
    func buildahRunsWhatWeSave() async throws {
        let workspace = try await workspace()
        let text = try await workspace.run(
            """
            jettison save --format oci -o image.tar made:here
            b="buildah --root $PWD/containers --runroot $PWD/containers-run --storage-driver vfs"
            c=$($b from oci-archive:image.tar); $b run --isolation chroot $c -- cat /linked; $b rm $c >/dev/null
            """)
        #expect(text == "made here\n")
    }

    @Test(.enabled(if: Needs.program("podman"), "needs podman"))
    func podmanLoadsWhatWeSave() async throws {
        let workspace = try await workspace()
        let text = try await workspace.run(
            """
            jettison save -o image.tar made:here
            p="podman --root $PWD/containers --runroot $PWD/containers-run --storage-driver vfs"
            $p load -q -i image.tar >/dev/null; $p image inspect --format '{{.Config.Cmd}}' made:here
            """)
        #expect(text == "[/bin/sh -c cat /linked]\n")
    }

    @Test(
        .enabled(if: Needs.program("skopeo"), "needs skopeo"),
        arguments: ["oci-archive:theirs.tar:name:tag", "docker-archive:theirs.tar:name:tag", "oci:theirs.dir:name:tag"])
    func weLoadWhatSkopeoWrites(_ target: String) async throws {
        let workspace = try await workspace()
        let file = target.contains(".tar") ? "theirs.tar" : "theirs.dir"
        let text = try await workspace.run(
            """
            jettison save --format oci -o image.tar made:here
            skopeo copy -q --insecure-policy --dest-compress-format zstd oci-archive:image.tar \(target) ||
              skopeo copy -q --insecure-policy oci-archive:image.tar \(target)
            jettison --root other load -i \(file) >&2
            jettison --root other images --format '{{.Repository}}:{{.Tag}}'
            jettison --root other run --rm name:tag
            """)
        #expect(text == "name:tag\nmade here\n")
    }

    @Test(.enabled(if: Needs.program("buildah"), "needs buildah"))
    func weBuildOnWhatBuildahMade() async throws {
        let workspace = try await workspace()
        try await workspace.write("FROM theirs:1\nRUN cat /added > /again\nCMD [\"cat\", \"/again\"]\n", to: "d/Dockerfile")
        let text = try await workspace.run(
            """
            b="buildah --root $PWD/containers --runroot $PWD/containers-run --storage-driver vfs"
            jettison save --format oci -o image.tar made:here
            c=$($b from oci-archive:image.tar); echo theirs > added; $b copy -q $c added /added >/dev/null
            $b run --isolation chroot $c -- rm /made
            $b commit -q $c oci-archive:theirs.tar:theirs:1 >/dev/null
            jettison load -i theirs.tar >&2; jettison build -q -t ours d >/dev/null; jettison run --rm ours
            jettison run --rm ours ls /made 2>/dev/null || echo gone
            """)
        #expect(text == "theirs\ngone\n")
    }
}
