import OCI
import Testing

private let hex = String(repeating: "ab", count: 32)

private func decode<Value: Codable & Sendable>(_ text: String, as type: Value.Type) throws -> Value {
    try Document<Value>(decoding: Array(text.utf8), mediaType: .manifest).value
}

private func descriptor(_ more: String = "", size: String = "3", digest: String = "sha256:\(hex)") -> String {
    #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(digest)","size":\#(size)\#(more)}"#
}

@Suite struct DecodingTests {
    static let refused: [(String, String)] = [
        ("negative size", descriptor(size: "-1")), ("absurd size", descriptor(size: "9223372036854775807")),
        ("size beyond 64 bits", descriptor(size: "92233720368547758070")), ("fractional size", descriptor(size: "1.5")),
        ("size as text", descriptor(size: "\"3\"")), ("no size", #"{"mediaType":"a","digest":"sha256:\#(hex)"}"#),
        ("no digest", #"{"mediaType":"a","size":1}"#), ("short digest", descriptor(digest: "sha256:abc")),
        ("upper-case digest", descriptor(digest: "sha256:" + hex.uppercased())), ("sha512", descriptor(digest: "sha512:" + hex + hex)),
        ("digest as path", descriptor(digest: "sha256:../../etc/passwd")), ("null digest", #"{"mediaType":"a","digest":null,"size":1}"#),
        ("duplicate key", descriptor(#","size":4"#)), ("duplicate key in disguise", descriptor(#","siz\u0065":4"#)),
        ("array", "[]"), ("nothing", ""), ("half", String(descriptor().dropLast(1))), ("twice", descriptor() + descriptor()),
        ("not UTF-8 key", "{\"\u{FFFD}\":1"), ("open string", "{\"a"), ("unbalanced", "}}"),
        ("deep", String(repeating: "[", count: 100_000)), ("deep objects", String(repeating: "{\"a\":", count: 1000)),
        ("lone escape", "{\"\\"), ("short unicode", "{\"\\u12"), ("key in array", #"["a":1]"#),
        ("too long", "{\"a\":\"" + String(repeating: "a", count: 4 << 20) + "\"}"),
    ]

    @Test(arguments: refused) func refusesDescriptors(row: (String, String)) {
        #expect(throws: (any Error).self) { try decode(row.1, as: Descriptor.self) }
    }

    @Test func namesTheDuplicate() {
        let error = #expect(throws: JSONStructureError.self) { try decode(#"{"a":{"b":1,"c":[{"b":1},{"b":2}],"b":2}}"#, as: Descriptor.self) }
        #expect(error?.offset == 34 && error?.reason == .duplicateKey("b"))
    }

    @Test func acceptsTheSameKeyInDifferentObjects() throws {
        let value = try decode(descriptor(#","annotations":{"size":"x","digest":"y: {\"size\":1}"},"unknown":[{"size":1},{"size":2}]"#), as: Descriptor.self)
        #expect(value.annotations == ["size": "x", "digest": #"y: {"size":1}"#])
        #expect(value.size == 3)
    }

    static let confusing: [(String, Bool)] = [
        (#"{"schemaVersion":2,"config":\#(descriptor()),"layers":[]}"#, true),
        (#"{"schemaVersion":2,"config":\#(descriptor()),"layers":null}"#, true),
        (#"{"schemaVersion":2,"mediaType":"","config":\#(descriptor()),"layers":[]}"#, true),
        (#"{"schemaVersion":1,"config":\#(descriptor()),"layers":[]}"#, false),
        (#"{"config":\#(descriptor()),"layers":[]}"#, false),
        (#"{"schemaVersion":2,"config":\#(descriptor()),"layers":[],"manifests":[]}"#, false),
        (#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":\#(descriptor()),"layers":[]}"#, false),
        (#"{"schemaVersion":2,"config":\#(descriptor())}"#, false), (#"{"schemaVersion":2,"layers":[]}"#, false),
    ]

    @Test(arguments: confusing) func manifests(row: (String, Bool)) {
        if row.1 {
            #expect(throws: Never.self) { try decode(row.0, as: Manifest.self) }
        } else {
            #expect(throws: DecodingError.self) { try decode(row.0, as: Manifest.self) }
        }
    }

    @Test func indexes() throws {
        #expect(try decode(#"{"schemaVersion":2,"manifests":null}"#, as: Index.self).manifests == [])
        #expect(throws: DecodingError.self) { try decode(#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, as: Index.self) }
        #expect(throws: DecodingError.self) {
            try decode(#"{"schemaVersion":2,"mediaType":"\#(MediaType.manifest)","manifests":[]}"#, as: Index.self)
        }
    }

    /// As docker 20, podman 4 and buildah 1.28 write them, shortened.
    @Test func configsOfOthers() throws {
        let docker = #"""
            {"architecture":"arm64","variant":"v8","config":{"Hostname":"","Domainname":"","AttachStdin":false,"ExposedPorts":{"80/tcp":{}},
            "Env":["PATH=/bin"],"Cmd":["sh"],"ArgsEscaped":true,"Image":"sha256:x","Volumes":null,"WorkingDir":"","Entrypoint":null,
            "OnBuild":null,"Labels":null,"Healthcheck":{"Test":["NONE"],"Interval":5000000000}},"container":"c","container_config":
            {"Cmd":["/bin/sh","-c","#(nop) "]},"created":"2023-01-02T03:04:05.123456789Z","docker_version":"20.10","history":[{"created":
            "2023-01-02T03:04:05Z","created_by":"/bin/sh -c #(nop) ADD x","empty_layer":true}],"os":"linux","rootfs":{"type":"layers",
            "diff_ids":["sha256:\#(hex)"]}}
            """#
        let config = try decode(docker, as: ImageConfig.self)
        #expect(config.platform.normalized.description == "linux/arm64")
        #expect(config.config?.exposedPorts?.keys.sorted() == ["80/tcp"])
        #expect(config.config?.volumes == nil && config.config?.entrypoint == nil && config.config?.labels == nil)
        #expect(config.config?.healthcheck?.interval == 5_000_000_000)
        #expect(config.rootfs.diffIDs.count == 1 && !config.historyMatchesLayers)
        let odd = #"""
            {"created":null,"author":null,"architecture":"amd64","os":"linux","config":{"Entrypoint":"/bin/x","Cmd":[],"Labels":{"a":null},
            "Volumes":{"/v":null},"ExposedPorts":{},"Env":null},"rootfs":{"type":"layers","diff_ids":null},"history":null}
            """#
        let value = try decode(odd, as: ImageConfig.self)
        #expect(value.config?.entrypoint == ["/bin/x"] && value.config?.cmd == [] && value.config?.labels == ["a": ""])
        #expect(value.config?.volumes?.keys.sorted() == ["/v"] && value.rootfs.diffIDs == [] && value.historyMatchesLayers)
        #expect(throws: DecodingError.self) { try decode(#"{"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#, as: ImageConfig.self) }
        #expect(throws: DecodingError.self) { try decode(#"{"os":"linux","architecture":"a"}"#, as: ImageConfig.self) }
        #expect(try decode(#"{"os":"linux","architecture":"a","config":null,"rootfs":{"type":"layers","diff_ids":[]}}"#, as: ImageConfig.self).config == nil)
    }

    @Test func writtenDocumentsAreReadBack() throws {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.config = ContainerConfig()
        config.config?.volumes = ["/a/b": .init()]
        config.config?.entrypoint = ["x"]
        config.history = [History(createdBy: "RUN <b>", emptyLayer: true)]
        let document = try Document(config, mediaType: .config)
        #expect(
            String(decoding: document.bytes, as: UTF8.self)
                == #"{"architecture":"amd64","config":{"Entrypoint":["x"],"Volumes":{"/a/b":{}}},"history":[{"created_by":"RUN <b>","empty_layer":true}],"os":"linux","rootfs":{"diff_ids":[],"type":"layers"}}"#)
        let back = try Document<ImageConfig>(decoding: document.bytes, mediaType: .config)
        #expect(back.value == config)
        #expect(back.digest == document.digest && back.descriptor == document.descriptor)
    }

    /// Values or errors, whatever the bytes.
    @Test func damagedDocumentsAreSurvived() {
        let good = Array(#"{"schemaVersion":2,"config":\#(descriptor()),"layers":[\#(descriptor())],"annotations":{"é":"\n"}}"#.utf8)
        var state: UInt32 = 12345
        func random(_ bound: Int) -> Int {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int(state >> 8) % bound
        }
        var accepted = 0
        for _ in 0..<3000 {
            var bad = good
            for _ in 0...random(3) { bad[random(bad.count)] = UInt8(random(256)) }
            if random(4) == 0 { bad.removeSubrange(random(bad.count)...) }
            if (try? Document<Manifest>(decoding: bad, mediaType: .manifest)) != nil { accepted += 1 }
        }
        #expect(accepted < 3000)
    }
}
