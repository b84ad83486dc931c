import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

struct ContentStoreTests {
    let fixture: ImageFixture
    var store: ContentStore { fixture.images.content }

    init() throws { fixture = try ImageFixture() }

    private func descriptor(_ text: String, size: Int64? = nil, of other: String? = nil) -> Descriptor {
        Descriptor(
            mediaType: .layer, digest: .sha256(of: other ?? text), size: size ?? Int64(text.utf8.count))
    }

    @Test func aRootThatDoesNotExistIsAnEmptyStore() throws {
        #expect(try store.list().isEmpty)
        #expect(try fixture.images.list().isEmpty)
        #expect(!store.contains(.sha256(of: "x")))
        #expect(try fixture.storedFiles().isEmpty)
    }

    @Test func bytesAreFoundUnderTheirDigest() async throws {
        let digest = try store.store(Array("hello".utf8))
        #expect(digest.hex == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
        #expect(try fixture.storedFiles() == ["blobs/sha256/" + digest.hex])
        guard case .file(let path) = try await store.read(descriptor("hello")) else {
            Issue.record("a stored blob is a file")
            return
        }
        #expect(try File(opening: FilePath(path)).readAll() == Array("hello".utf8))
        #expect(try store.bytes(of: descriptor("hello")) == Array("hello".utf8))
        try store.verify(digest)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var name: String
        var announced: Descriptor
        var message: String
        var testDescription: String { name }
    }
    static let wrong = [
        Wrong(
            name: "another digest", announced: Descriptor(mediaType: .layer, digest: .sha256(of: "other"), size: 5),
            message: "have the digest sha256:2cf24d"),
        Wrong(
            name: "longer than announced",
            announced: Descriptor(mediaType: .layer, digest: .sha256(of: "hello"), size: 4),
            message: "4 bytes"),
        Wrong(
            name: "shorter than announced",
            announced: Descriptor(mediaType: .layer, digest: .sha256(of: "hello"), size: 6),
            message: "should be 6 bytes long, but 5 came"),
    ]

    @Test(arguments: wrong, ["memory", "stream", "file", "range"])
    func whatIsNotAsAnnouncedIsNeverVisible(_ wrong: Wrong, form: String) async throws {
        let source = fixture.path("source")
        try AtomicFile.write(Array("<hello>".utf8), to: source)
        let whole = fixture.path("whole")
        try AtomicFile.write(Array("hello".utf8), to: whole)
        let bytes: BlobBytes =
            switch form {
            case "memory": .memory(Array("hello".utf8))
            case "file": .file(whole.string)
            case "range": .fileRange(source.string, 1..<6)
            default:
                .stream(
                    AsyncThrowingStream { continuation in
                        for part in ["he", "l", "lo"] { continuation.yield(Array(part.utf8)) }
                        continuation.finish()
                    })
            }
        let error = await #expect(throws: StorageError.self) { try await store.write(wrong.announced, from: bytes) }
        #expect(error?.code == .damaged)
        if form != "file" { #expect(error?.message.contains(wrong.message) == true, "\(error?.message ?? "")") }
        #expect(try fixture.storedFiles().isEmpty)
        // And the right one goes through the same door.
        try await store.write(descriptor("hello"), from: form == "stream" ? .memory(Array("hello".utf8)) : bytes)
        #expect(store.holds(descriptor("hello")))
    }

    @Test func aStreamThatFailsLeavesNothing() async throws {
        struct Lost: Error {}
        let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
            continuation.yield(Array("hel".utf8))
            continuation.finish(throwing: Lost())
        }
        await #expect(throws: Lost.self) { try await store.write(descriptor("hello"), from: .stream(stream)) }
        #expect(try fixture.storedFiles().isEmpty)
    }

    @Test func aCancelledStreamLeavesNothing() async throws {
        let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        let store = store
        let blob = descriptor("hello")
        let task = Task { try await store.write(blob, from: .stream(stream)) }
        continuation.yield(Array("hel".utf8))
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(try fixture.storedFiles().isEmpty)
    }

    @Test func writingWhatIsThereReadsNothing() async throws {
        _ = try store.store(Array("hello".utf8))
        try await store.write(descriptor("hello"), from: .file("/nowhere"))
        #expect(try await store.contains(descriptor("hello")))
    }

    @Test func aBlobOfTheWrongLengthIsReplaced() async throws {
        let digest = try store.store(Array("hello".utf8))
        try File(opening: store.path(of: digest), options: .write).truncate(to: 2)
        #expect(throws: StorageError.self) { try store.location(of: descriptor("hello")) }
        #expect(try await !store.contains(descriptor("hello")))
        try await store.write(descriptor("hello"), from: .memory(Array("hello".utf8)))
        try store.verify(digest)
    }

    @Test func verifyFindsWhatHasTheRightLength() throws {
        let digest = try store.store(Array("hello".utf8))
        try AtomicFile.write(Array("hellO".utf8), to: store.path(of: digest))
        _ = try store.location(of: descriptor("hello"))
        let error = #expect(throws: StorageError.self) { try store.verify(digest) }
        #expect(error?.code == .damaged)
        #expect(throws: StorageError.self) { try store.bytes(of: descriptor("hello")) }
        #expect(throws: StorageError.self) { try store.verify(.sha256(of: "missing")) }
    }

    @Test(arguments: [ContentStore.Adoption.copy, .hardLink])
    func aFileIsAdopted(_ adoption: ContentStore.Adoption) throws {
        let source = fixture.path("big")
        let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try AtomicFile.write(content, to: source)
        for _ in 0..<2 {
            let blob = try store.adopt(source, by: adoption)
            #expect(blob.digest == .sha256(of: content))
            #expect(blob.size == 300_000)
        }
        let digest = Digest.sha256(of: content)
        #expect(try FileMetadata(at: store.path(of: digest)).links == (adoption == .hardLink ? 2 : 1))
        #expect(try fixture.storedFiles() == ["blobs/sha256/" + digest.hex])
        try store.verify(digest)
    }

    @Test func anIngestThatIsLetGoLeavesNothing() throws {
        do {
            let ingest = try store.ingest()
            try ingest.write(Array("half".utf8))
            #expect(try fixture.storedFiles().count == 1)
        }
        #expect(try fixture.storedFiles().isEmpty)
    }

    @Test func anIngestEndsOnce() throws {
        let ingest = try store.ingest()
        try ingest.write(Array("x".utf8))
        try ingest.commit()
        #expect(throws: StorageError.self) { try ingest.commit() }
        #expect(throws: StorageError.self) { try ingest.write(Array("y".utf8)) }
        ingest.discard()
        #expect(store.contains(.sha256(of: "x")))
    }

    @Test func aDocumentThatIsNotOneIsSaidToBeDamaged() throws {
        let digest = try store.store(Array(#"{"schemaVersion":2}"#.utf8))
        let blob = Descriptor(mediaType: .manifest, digest: digest, size: 19)
        let error = #expect(throws: StorageError.self) { try store.document(blob, as: Manifest.self) }
        #expect(error?.message.hasSuffix("\"config\" is missing") == true)
    }
}
