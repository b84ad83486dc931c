import OCI
import Testing

@Suite struct PlatformTests {
    static let spellings: [(String, String)] = [
        ("linux/amd64", "linux/amd64"), ("linux/x86_64", "linux/amd64"), ("Linux/X86-64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"), ("linux/amd64/v3", "linux/amd64/v3"), ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"), ("linux/arm64/8", "linux/arm64"), ("linux/arm", "linux/arm/v7"),
        ("linux/arm/6", "linux/arm/v6"), ("linux/armhf", "linux/arm/v7"), ("linux/armel", "linux/arm/v6"),
        ("linux/i386", "linux/386"), ("arm64", "linux/arm64"), ("armhf", "linux/arm/v7"), ("macos/arm64", "darwin/arm64"),
        ("linux/riscv64", "linux/riscv64"), ("local", Platform.host.description), ("linux", Platform.host.description),
    ]

    @Test(arguments: spellings) func parsesAndNormalizes(_ row: (String, String)) throws {
        #expect(try Platform(parsing: row.0).description == row.1)
    }

    static let bad: [(String, PlatformError.Reason)] = [
        ("", .empty), ("linux/amd64/v1/x", .tooManyParts), ("linux/", .invalidPart("")), ("/amd64", .invalidPart("")),
        ("linux/a b", .invalidPart("a b")), ("amd65", .unknownWord("amd65")),
    ]

    @Test(arguments: bad) func refuses(_ row: (String, PlatformError.Reason)) {
        let error = #expect(throws: PlatformError.self) { try Platform(parsing: row.0) }
        #expect(error?.reason == row.1)
    }

    @Test func runsOlderVariantsBestFirst() throws {
        #expect(
            try Platform(parsing: "linux/arm/v7").runnable.map(\.description) == ["linux/arm/v7", "linux/arm/v6", "linux/arm/v5"])
        #expect(
            try Platform(parsing: "linux/amd64/v3").runnable.map(\.description)
                == ["linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "linux/386"])
        #expect(
            try Platform(parsing: "linux/arm64").runnable.map(\.description)
                == ["linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"])
    }

    @Test func matchesUpToSpelling() throws {
        #expect(try Platform(parsing: "arm64").matches(Platform(os: "linux", architecture: "arm64", variant: "v8")))
        #expect(try !Platform(parsing: "arm64").matches(Platform(os: "windows", architecture: "arm64")))
        #expect(try Platform(parsing: "amd64").rank(of: Platform(os: "linux", architecture: "arm64")) == nil)
    }

    @Test func choosesTheBestManifest() throws {
        func descriptor(_ platform: Platform?, _ text: String) -> Descriptor {
            Descriptor(mediaType: .manifest, digest: .sha256(of: text), size: 1, platform: platform)
        }
        let attestation = descriptor(Platform(os: "unknown", architecture: "unknown"), "0")
        let v5 = descriptor(Platform(os: "linux", architecture: "arm", variant: "v5"), "1")
        let v6 = descriptor(Platform(os: "linux", architecture: "arm", variant: "v6"), "2")
        let amd = descriptor(Platform(os: "linux", architecture: "amd64"), "3")
        let index = Index(manifests: [attestation, v5, v6, amd])
        #expect(index.manifest(for: try Platform(parsing: "arm")) == v6)
        #expect(index.manifest(for: try Platform(parsing: "amd64")) == amd)
        #expect(index.manifest(for: try Platform(parsing: "s390x")) == nil)
        let bare = descriptor(nil, "4")
        #expect(Index(manifests: [bare, amd]).manifest(for: try Platform(parsing: "amd64")) == amd)
        #expect(Index(manifests: [bare]).manifest(for: try Platform(parsing: "amd64")) == bare)
    }
}
