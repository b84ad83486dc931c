import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

/// Images go to and come from the tools of the field.
@Suite(.enabled(if: HostTools.has("skopeo"), "needs skopeo"))
struct SkopeoTests {
    let fixture: ImageFixture
    init() throws { fixture = try ImageFixture() }

    private func shell(_ script: String, _ arguments: String...) async throws -> String {
        let output = try await ShellCommand.run("set -e; " + script, arguments)
        #expect(output.status == 0, "\(script): \(output.standardError)")
        return output.text
    }

    private func save(_ image: StoredImage, docker: Bool) throws -> String {
        let path = fixture.path(docker ? "out.docker.tar" : "out.oci.tar")
        let file = try File(opening: path, options: [.write, .create, .truncate])
        let export = ImageExport(target: image.target, names: image.references)
        if docker {
            try DockerArchive.write([export], from: fixture.images, to: FileByteWriter(file))
        } else {
            try OCILayout.writeArchive([export], from: fixture.images.content, to: FileByteWriter(file))
        }
        return path.string
    }

    private func sample() throws -> StoredImage {
        let layers = try [Compression.gzip, Compression.zstd, Compression.none].map { compression in
            try fixture.addLayer(
                [.init("f-\(compression)", String(repeating: "\(compression)", count: 2000))], compression: compression)
        }
        try fixture.add(["team/sample:1"], layers: layers) { config in
            config.config = ContainerConfig()
            config.config?.cmd = ["/f"]
            config.config?.labels = ["made": "here"]
        }
        return try fixture.images.resolve("team/sample:1")
    }

    @Test(arguments: [true, false]) func itInspectsWhatWeSave(docker: Bool) async throws {
        let image = try sample()
        let path = try save(image, docker: docker)
        let prefix = docker ? "docker-archive:" : "oci-archive:"
        let text = try await shell("skopeo inspect \"$1\"", prefix + path)
        #expect(text.contains(#""made": "here""#))
        let config = try await shell("skopeo inspect --raw --config \"$1\"", prefix + path)
        #expect(Digest.sha256(of: Array(config.utf8)) == image.id)
    }

    @Test(arguments: [true, false]) func itCopiesWhatWeSaveAndWeLoadItsCopy(docker: Bool) async throws {
        let image = try sample()
        let path = try save(image, docker: docker)
        let copy = fixture.path("copy").string
        _ = try await shell(
            "skopeo copy -q \"$1\" \"oci:$2:team/sample:copied\"", (docker ? "docker-archive:" : "oci-archive:") + path,
            copy)
        let other = try ImageFixture()
        let loaded = try ImageArchive(opening: FilePath(copy), spoolingInto: other.images.content.paths).load(
            into: other.images)
        #expect(loaded.flatMap(\.names).map(\.familiar) == ["team/sample:copied"])
        let copied = try other.images.resolve("team/sample:copied")
        // Out of a docker archive it writes the config anew, with the same content.
        if !docker { #expect(copied.id == image.id) }
        #expect(copied.config.value.rootfs == image.config.value.rootfs)
        #expect(copied.config.value.config?.labels == ["made": "here"])
    }

    @Test(arguments: [
        ("docker-archive:", "", "none"), ("oci-archive:", "", "gzip"),
        ("oci-archive:", "--dest-compress --dest-compress-format zstd", "zstd"),
        ("oci:", "--dest-compress --dest-compress-format zstd", "zstd"),
    ]) func weLoadWhatItWrites(_ transport: String, _ options: String, _ compression: String) async throws {
        let layer = try fixture.addLayer([.init("f", String(repeating: "text ", count: 3000))], compression: .none)
        try fixture.add(["sample:1"], layers: [layer])
        let image = try fixture.images.resolve("sample:1")
        let path = try save(image, docker: true)
        let copy = fixture.path("copy").string
        _ = try await shell("skopeo copy -q \(options) \"docker-archive:$1\" \"\(transport)$2:other:2\"", path, copy)
        let other = try ImageFixture()
        _ = try ImageArchive(opening: FilePath(copy), spoolingInto: other.images.content.paths).load(into: other.images)
        let loaded = try other.images.resolve("other:2")
        #expect(loaded.layers.map(\.diffID) == [layer.diffID])
        let types: [String: MediaType] = ["none": .layer, "gzip": .layerGzip, "zstd": .layerZstd]
        #expect(loaded.layers.map(\.blob.mediaType) == [types[compression]])
        #expect(loaded.size == 15_000)
    }
}

@Suite(
    .enabled(if: HostTools.has("buildah", "podman") && HostIdentity.isRoot, "needs buildah, podman and root"),
    .serialized)
struct BuildahTests {
    let fixture: ImageFixture
    /// Containers and images of other tools live in here.
    var storage: String { fixture.path("containers").string }
    init() throws { fixture = try ImageFixture() }

    private func shell(_ script: String, _ arguments: String...) async throws -> String {
        // Not the host's storage, and a driver that needs no kernel help.
        let prelude = """
            set -e
            opts="--root \(storage)/root --runroot \(storage)/run --storage-driver vfs"

            """
        let output = try await ShellCommand.run(prelude + script, arguments)
        #expect(output.status == 0, "\(script): \(output.standardError)")
        return output.text
    }

    @Test(arguments: ["oci-archive", "docker-archive"]) func weLoadWhatBuildahMakes(_ transport: String) async throws {
        let path = fixture.path("made.tar").string
        let id = try await shell(
            """
            echo text > \(storage)-file
            c=$(buildah $opts from scratch)
            buildah $opts copy $c \(storage)-file /file >/dev/null
            buildah $opts config --label made=buildah --cmd /file $c
            buildah $opts commit -q $c made:1
            buildah $opts push -q made:1 "\(transport):$1:localhost/made:1" >/dev/null
            """, path
        ).split(separator: "\n").last.map(String.init)
        _ = try ImageArchive(opening: FilePath(path), spoolingInto: fixture.images.content.paths).load(
            into: fixture.images)
        let image = try fixture.images.resolve("localhost/made:1")
        #expect(image.config.value.config?.labels?["made"] == "buildah")
        #expect(image.size == 5)
        if transport == "oci-archive" { #expect(image.id.hex == id) }
    }

    @Test(arguments: [true, false]) func podmanLoadsWhatWeSave(docker: Bool) async throws {
        let layer = try fixture.addLayer([.init("file", "ours")])
        try fixture.add(["team/ours:1"], layers: [layer])
        let image = try fixture.images.resolve("team/ours:1")
        let path = fixture.path("ours.tar")
        let file = try File(opening: path, options: [.write, .create, .truncate])
        let export = ImageExport(target: image.target, names: image.references)
        if docker {
            try DockerArchive.write([export], from: fixture.images, to: FileByteWriter(file))
        } else {
            try OCILayout.writeArchive([export], from: fixture.images.content, to: FileByteWriter(file))
        }
        // Docker writes names without docker.io, and podman takes such for its own.
        let name = docker ? "localhost/team/ours:1" : "docker.io/team/ours:1"
        let text = try await shell(
            """
            podman $opts load -q -i "$1"
            podman $opts image inspect --format '{{.Id}}' "$2"
            c=$(buildah $opts from "$2")
            cat "$(buildah $opts mount $c)/file"
            buildah $opts umount $c >/dev/null
            """, path.string, name)
        #expect(text.contains(image.id.hex))
        #expect(text.hasSuffix("ours"))
    }
}
