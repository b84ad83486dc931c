import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

/// Archives that are wrong: each is refused with a sentence, and nothing of it becomes an image.
struct HostileArchiveTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// In the message.
        var says: [String]
        var make: @Sendable (inout ArchiveBuilder) throws -> Void
        var testDescription: String { name }
    }

    private static let layout = #"{"imageLayoutVersion":"1.0.0"}"#

    private static func docker(_ archive: inout ArchiveBuilder, _ json: String) throws {
        try archive.file("manifest.json", json)
    }

    private static func index(_ archive: inout ArchiveBuilder, _ manifests: [Descriptor]) throws {
        try archive.file("oci-layout", layout)
        try archive.file("index.json", Document(Index(manifests: manifests), mediaType: .index).bytes)
    }

    static let cases = [
        Case(
            name: "nothing we know",
            says: ["neither \"manifest.json\" (docker)", "it holds \"etc/os-release\", \"usr/bin/x\""]
        ) {
            try $0.file("usr/bin/x", "x")
            try $0.file("etc/os-release", "ID=debian")
        },
        Case(name: "no entries", says: ["it is empty"]) { _ in },
        Case(name: "manifest.json is no JSON", says: ["\"manifest.json\"", "cannot be understood", "malformed"]) {
            try docker(&$0, "[{")
        },
        Case(name: "manifest.json is of another shape", says: ["\"manifest.json\"", "Config", "missing"]) {
            try docker(&$0, #"[{"Layers":[]}]"#)
        },
        Case(name: "no image", says: ["holds no image"]) { try docker(&$0, "[]") },
        Case(name: "config is missing", says: ["lacks the config \"c.json\""]) {
            try docker(&$0, #"[{"Config":"c.json","Layers":[]}]"#)
        },
        Case(name: "config leads out", says: ["\"../../etc/passwd\"", "leads out"]) {
            try docker(&$0, #"[{"Config":"../../etc/passwd","Layers":[]}]"#)
        },
        Case(name: "config is absolute", says: ["\"/etc/passwd\"", "leads out"]) {
            try docker(&$0, #"[{"Config":"/etc/passwd","Layers":[]}]"#)
        },
        Case(name: "entry leads out", says: ["\"../x\" leads out of the archive"]) { try $0.file("../x", "x") },
        Case(name: "links in a circle", says: ["circle"]) {
            try $0.link("manifest.json", to: "other")
            try $0.link("other", to: "manifest.json")
        },
        Case(name: "link leads out", says: ["leads out of the archive"]) {
            try $0.link("manifest.json", to: "../../etc/passwd")
        },
        Case(name: "config is no config", says: ["\"c\"", "not an image config"]) {
            try $0.file("c", "{}")
            try docker(&$0, #"[{"Config":"c","Layers":[]}]"#)
        },
        Case(name: "config of another digest", says: ["is damaged", "its digest is sha256:"]) {
            let config = try SampleLayer.config([])
            let name = String(repeating: "a", count: 64) + ".json"
            try $0.file(name, config.bytes)
            try docker(&$0, #"[{"Config":"\#(name)","Layers":[]}]"#)
        },
        Case(name: "more layers than diff ids", says: ["lists 1 layers", "names 0"]) {
            try $0.file("c", SampleLayer.config([]).bytes)
            try docker(&$0, #"[{"Config":"c","Layers":["l"]}]"#)
        },
        Case(name: "layer is missing", says: ["lacks the layer \"l\""]) {
            try $0.file("c", SampleLayer.config([SampleLayer("x")]).bytes)
            try docker(&$0, #"[{"Config":"c","Layers":["l"]}]"#)
        },
        Case(
            name: "another layer",
            says: ["the layer \"l\"", "is not the one that the image's config names: its diff id is sha256:"]
        ) {
            try $0.file("c", SampleLayer.config([SampleLayer("x")]).bytes)
            try $0.file("l", SampleLayer("y").bytes)
            try docker(&$0, #"[{"Config":"c","Layers":["l"]}]"#)
        },
        Case(name: "layer is no tar", says: ["the layer \"l\"", "cannot be read"]) {
            try $0.file("c", SampleLayer.config([SampleLayer("x")]).bytes)
            try $0.file("l", String(repeating: "not a tar ", count: 200))
            try docker(&$0, #"[{"Config":"c","Layers":["l"]}]"#)
        },
        Case(name: "layer is cut off", says: ["the layer \"l\"", "cannot be read"]) {
            let layer = try SampleLayer(String(repeating: "x", count: 5000), compression: .gzip)
            try $0.file("c", SampleLayer.config([layer]).bytes)
            try $0.file("l", Array(layer.bytes.dropLast(12)))
            try docker(&$0, #"[{"Config":"c","Layers":["l"]}]"#)
        },
        Case(name: "10,000 images", says: ["lists 10000 images", "1000"]) {
            try docker(
                &$0, "[" + Array(repeating: #"{"Config":"c","Layers":[]}"#, count: 10_000).joined(separator: ",") + "]")
        },
        Case(name: "5,000 layers", says: ["5000 layers"]) {
            try docker(
                &$0,
                #"[{"Config":"c","Layers":["# + Array(repeating: #""l""#, count: 5000).joined(separator: ",") + "]}]")
        },
        Case(name: "manifest.json is huge", says: ["\"manifest.json\"", "more than 8388608 make no sense"]) {
            try $0.file("manifest.json", [UInt8](repeating: 32, count: 9 << 20))
        },
        Case(name: "another layout version", says: ["version \"2.0.0\""]) {
            try $0.file("oci-layout", #"{"imageLayoutVersion":"2.0.0"}"#)
            try $0.file("index.json", Document(Index(manifests: []), mediaType: .index).bytes)
        },
        Case(name: "layout without an image", says: ["holds no image"]) { try index(&$0, []) },
        Case(name: "10,000 manifests", says: ["lists 10000 images"]) {
            try index(
                &$0,
                Array(repeating: Descriptor(mediaType: .manifest, digest: .sha256(of: "x"), size: 1), count: 10_000))
        },
        Case(name: "digest of another kind", says: ["\"index.json\"", "digest"]) {
            try $0.file("oci-layout", layout)
            try $0.file(
                "index.json",
                #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../x","size":1}]}"#
            )
        },
        Case(name: "manifest is missing", says: ["lacks the blob sha256:"]) {
            try index(&$0, [Descriptor(mediaType: .manifest, digest: .sha256(of: "x"), size: 1)])
        },
        Case(name: "manifest of another size", says: ["has 4 bytes, but is said to have 5"]) {
            try $0.file("blobs/sha256/" + Digest.sha256(of: "four").hex, "four")
            try index(&$0, [Descriptor(mediaType: .manifest, digest: .sha256(of: "four"), size: 5)])
        },
        Case(name: "manifest of another digest", says: ["is damaged: its digest is sha256:"]) {
            try $0.file("blobs/sha256/" + Digest.sha256(of: "four").hex, "fore")
            try index(&$0, [Descriptor(mediaType: .manifest, digest: .sha256(of: "four"), size: 4)])
        },
        Case(name: "negative size", says: ["\"index.json\"", "size -4"]) {
            try $0.file("blobs/sha256/" + Digest.sha256(of: "four").hex, "four")
            try index(&$0, [Descriptor(mediaType: .manifest, digest: .sha256(of: "four"), size: -4)])
        },
        Case(name: "an artifact", says: ["not an image, but an artifact (application/vnd.example+json)"]) {
            let config = Array("{}".utf8)
            let descriptor = Descriptor(
                mediaType: MediaType(rawValue: "application/vnd.example+json"), digest: .sha256(of: config), size: 2)
            let manifest = try Document(Manifest(config: descriptor, layers: []), mediaType: .manifest)
            try $0.file("blobs/sha256/" + descriptor.digest.hex, config)
            try $0.file("blobs/sha256/" + manifest.digest.hex, manifest.bytes)
            try index(&$0, [manifest.descriptor])
        },
        Case(name: "of an unknown kind", says: ["neither an image manifest nor an index"]) {
            try $0.file("blobs/sha256/" + Digest.sha256(of: "{}").hex, "{}")
            try index(
                &$0, [Descriptor(mediaType: MediaType(rawValue: "text/plain"), digest: .sha256(of: "{}"), size: 2)])
        },
        Case(name: "indexes in indexes", says: ["nested more than"]) {
            var inner = Descriptor(mediaType: .manifest, digest: .sha256(of: "x"), size: 1)
            try $0.file("blobs/sha256/" + inner.digest.hex, "x")
            for _ in 0..<6 {
                let document = try Document(Index(manifests: [inner]), mediaType: .index)
                try $0.file("blobs/sha256/" + document.digest.hex, document.bytes)
                inner = document.descriptor
            }
            try index(&$0, [inner])
        },
    ]

    @Test(arguments: cases) func itIsRefusedWithASentence(_ hostile: Case) throws {
        let fixture = try ImageFixture()
        var archive = ArchiveBuilder()
        try hostile.make(&archive)
        let path = try archive.finish(in: fixture)
        let error = #expect(throws: StorageError.self) {
            try ImageArchive(opening: path, spoolingInto: fixture.images.content.paths).load(into: fixture.images)
        }
        #expect(error?.code == .badArchive)
        for part in hostile.says { #expect(error?.message.contains(part) == true, "\(error?.message ?? "no error")") }
        #expect(try fixture.images.targets().isEmpty)
        #expect(try fixture.storedFiles().allSatisfy { !$0.hasPrefix("tmp/") && !$0.hasPrefix("images/") })
    }

    @Test func whereverAnArchiveIsCutOffItIsRefused() throws {
        let fixture = try ImageFixture()
        let layer = try SampleLayer(String(repeating: "content ", count: 300), compression: .gzip)
        let config = try SampleLayer.config([layer])
        var archive = ArchiveBuilder()
        try archive.file("manifest.json", #"[{"Config":"c","RepoTags":["cut"],"Layers":["l"]}]"#)
        try archive.file("c", config.bytes)
        try archive.file("l", layer.bytes)
        let whole = try archive.finish()
        // The last two blocks only say that this was all.
        for length in stride(from: 0, to: whole.count - 1024 - (512 - layer.bytes.count % 512), by: 97) {
            let path = fixture.path("cut-\(length)")
            try AtomicFile.write(Array(whole[..<length]), to: path)
            #expect(throws: StorageError.self, "cut at \(length)") {
                try ImageArchive(opening: path, spoolingInto: fixture.images.content.paths).load(into: fixture.images)
            }
        }
        #expect(try fixture.images.targets().isEmpty)
    }

    @Test func whatIsNoArchiveIsSaidToBeNone() throws {
        let fixture = try ImageFixture()
        let paths = fixture.images.content.paths
        let missing = #expect(throws: StorageError.self) {
            try ImageArchive(opening: "/nowhere/x.tar", spoolingInto: paths)
        }
        #expect(missing?.message == "there is no file /nowhere/x.tar")
        let directory = #expect(throws: StorageError.self) {
            try ImageArchive(opening: fixture.directory.path, spoolingInto: paths)
        }
        #expect(directory?.message.contains("it is empty") == true)
        try AtomicFile.write([], to: fixture.path("empty"))
        let empty = #expect(throws: StorageError.self) {
            try ImageArchive(opening: fixture.path("empty"), spoolingInto: paths)
        }
        #expect(empty?.message.hasSuffix("is empty") == true)
    }
}
