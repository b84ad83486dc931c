import Archives
import ContentStorage
import HostSystem
import OCI
import TestSupport
import Testing

struct ImageStoreTests {
    let fixture: ImageFixture
    var images: ImageStore { fixture.images }
    init() throws { fixture = try ImageFixture() }

    private func names() throws -> [String] {
        try images.list().map { $0.references.map(\.familiar).joined(separator: " ") }
    }

    @Test func aNameThatMovesLeavesAnUntaggedImage() throws {
        let first = try fixture.addSimple(["app"], seed: "1", created: "2024-01-01T00:00:00Z")
        let second = try fixture.addSimple(["app"], seed: "2", created: "2024-01-02T00:00:00Z")
        #expect(try names() == ["app:latest", ""])
        try images.set(Reference(parsing: "old"), to: first)
        #expect(try names() == ["app:latest", "old:latest"])
        #expect(try images.target(of: Reference(parsing: "app")) == second)
        #expect(try !images.untag(Reference(parsing: "nobody")))
        #expect(try images.untag(Reference(parsing: "old")))
        #expect(try names() == ["app:latest", ""])
        #expect(try images.remove(first.digest).isEmpty)
        #expect(try names() == ["app:latest"])
    }

    @Test func severalNamesAreOneImage() throws {
        let target = try fixture.addSimple(["b:1", "a:2", "registry.example:5000/team/a:3"], seed: "1")
        #expect(try names() == ["a:2 b:1 registry.example:5000/team/a:3"])
        #expect(try !images.remove(Reference(parsing: "b:1")))
        #expect(try images.remove(target.digest).map(\.familiar).sorted() == ["a:2", "registry.example:5000/team/a:3"])
        #expect(try images.list().isEmpty)
    }

    @Test func removingTheLastNameRemovesTheImage() throws {
        try fixture.addSimple(["app"], seed: "1")
        #expect(try images.remove(Reference(parsing: "app")))
        #expect(try images.list().isEmpty)
        let error = #expect(throws: StorageError.self) { try images.remove(Reference(parsing: "app")) }
        #expect(error?.code == .imageNotFound)
    }

    @Test func aNameNeedsItsManifest() throws {
        let missing = Descriptor(mediaType: .manifest, digest: .sha256(of: "x"), size: 1)
        let error = #expect(throws: StorageError.self) { try images.set(Reference(parsing: "app"), to: missing) }
        #expect(error?.code == .blobNotFound)
        #expect(try images.list().isEmpty)
    }

    @Test func longestNamesAreSafe() throws {
        let repository = Array(repeating: "abcdefghij", count: 25).joined(separator: "/")
        let name = "registry.example.org:5000/" + repository.prefix(200) + "x:" + String(repeating: "T", count: 128)
        try fixture.addSimple([name], seed: "1")
        #expect(try names() == [name])
        #expect(try images.resolve(name).references.map(\.description) == [name])
    }

    @Test func sizesAreOfFilesWhereKnown() throws {
        let known = try fixture.addLayer([.init("a", String(repeating: "a", count: 10_000))])
        let unknown = try fixture.addLayer([.init("b", String(repeating: "b", count: 20_000))], isKnown: false)
        try fixture.add(["app"], layers: [known, unknown])
        let image = try images.resolve("app")
        #expect(image.size == 10_000 + unknown.descriptor.size)
        #expect(image.compressedSize == known.descriptor.size + unknown.descriptor.size)
        #expect(image.created == Timestamp(seconds: 1_714_979_289))
        #expect(image.id == image.config.digest)
    }

    @Test func ofAnIndexTheHostsImageIsMeant() throws {
        let layer = try fixture.addLayer([.init("a", "a")])
        let foreign = try fixture.add(layers: [layer], platform: Platform(os: "linux", architecture: "s390x"))
        let own = try fixture.add(layers: [layer])
        var lines = [foreign, own]
        lines[0].platform = Platform(os: "linux", architecture: "s390x")
        lines[1].platform = .host
        // One that was never fetched.
        lines.append(
            Descriptor(
                mediaType: .manifest, digest: .sha256(of: "absent"), size: 7,
                platform: Platform(os: "linux", architecture: "ppc64le")))
        let index = try images.content.store(Document(Index(manifests: lines), mediaType: .index))
        try images.set(Reference(parsing: "multi"), to: index)
        let image = try images.resolve("multi")
        #expect(image.manifest.digest == own.digest)
        #expect(image.target == index)
    }

    @Test func anUnreadableImageDoesNotHideTheOthers() throws {
        let broken = try fixture.addSimple(["broken"], seed: "1")
        try fixture.addSimple(["good"], seed: "2")
        try AtomicFile.write([0], to: images.content.path(of: broken.digest))
        var problems: [String] = []
        let found = try images.list { problems.append("\($0)") }
        #expect(found.flatMap(\.references).map(\.familiar) == ["good:latest"])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("the image broken:latest cannot be read: ") == true)
    }

    // MARK: resolving

    @Test func namesDigestsAndIdsAreResolved() throws {
        let target = try fixture.addSimple(["docker.io/library/app", "gcr.io/team/app:1.2"], seed: "1")
        let id = try images.resolve("app").id
        for text in [
            "app", "app:latest", "docker.io/library/app:latest", "library/app", "gcr.io/team/app:1.2", id.description,
            id.hex,
            id.short, String(id.hex.prefix(3)), "sha256:" + id.hex.prefix(5), "app@" + target.digest.description,
            "gcr.io/team/app@" + target.digest.description, "app:latest@" + target.digest.description,
            String(target.digest.hex.prefix(20)),
        ] {
            #expect(try images.resolve(text).target == target, "\(text)")
        }
        for text in [
            "gcr.io/team/app", "app:1.2", "other", "", "UPPER", "app@" + Digest.sha256(of: "x").description, "zz",
            "sha256:",
        ] {
            let error = #expect(throws: StorageError.self, "\(text)") { try images.resolve(text) }
            #expect(error?.code == .imageNotFound)
            #expect(error?.known.contains("app") == true)
        }
    }

    @Test func aNameComesBeforeAnId() throws {
        let first = try fixture.addSimple(seed: "1")
        let prefix = String(try images.list()[0].id.hex.prefix(4))
        let second = try fixture.addSimple([prefix], seed: "2")
        #expect(try images.resolve(prefix).target == second)
        #expect(first != second)
    }

    @Test func anAmbiguousIdListsTheCandidates() throws {
        for number in 0..<40 { try fixture.addSimple(["app:\(number)"], seed: "\(number)") }
        let groups = Dictionary(grouping: try images.list(), by: { $0.id.hex.prefix(1) })
        let (prefix, group) = try #require(groups.first { $0.value.count > 1 })
        let error = #expect(throws: StorageError.self) { try images.resolve(String(prefix)) }
        #expect(error?.code == .ambiguousName)
        for image in group.prefix(8) {
            #expect(error?.message.contains("\(image.id.short) (\(image.references[0].familiar))") == true)
        }
    }
}

struct TimestampTextTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, 0), ("2024-02-29T23:59:59.5Z", 1_709_251_199, 500_000_000),
        ("2024-05-06T09:08:09+02:00", 1_714_979_289, 0), ("1969-12-31T23:59:59Z", -1, 0),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0), ("2000-03-01t00:00:00.123456789123z", 951_868_800, 123_456_789),
    ]) func timesAreRead(_ text: String, seconds: Int64, nanoseconds: Int32) {
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(arguments: [
        "", "2024", "2024-13-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T24:00:00Z",
        "x024-01-01T00:00:00Z", "2024-01-01T00:00:00Zz",
    ])
    func otherTextsAreNot(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test func timesAreWrittenAsTheyWereRead() {
        for text in [
            "1970-01-01T00:00:00Z", "2024-02-29T23:59:59.5Z", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
            "2099-12-31T00:00:00.000000001Z",
        ] {
            #expect(Timestamp(rfc3339: text)?.rfc3339 == text)
        }
        #expect(Timestamp(seconds: 1_714_979_289).dockerText == "2024-05-06 07:08:09 +0000 UTC")
    }
}
