import ContentStorage
import HostSystem
import OCI
import TestSupport
import Testing

struct ConcurrencyTests {
    @Test func manyWritersOfTheSameAndOfOtherBlobsLeaveEachOnce() async throws {
        let fixture = try ImageFixture()
        // Every task has a store of its own, as processes have.
        let root = fixture.root
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<32 {
                group.addTask {
                    let store = ContentStore(root: root)
                    for number in 0..<8 {
                        let content = Array(String(repeating: "\((task + number) % 8) ", count: 5000).utf8)
                        let blob = Descriptor(
                            mediaType: .layer, digest: .sha256(of: content), size: Int64(content.count))
                        let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
                            for start in stride(from: 0, to: content.count, by: 3000) {
                                continuation.yield(Array(content[start..<min(start + 3000, content.count)]))
                            }
                            continuation.finish()
                        }
                        try await store.write(blob, from: task % 2 == 0 ? .memory(content) : .stream(stream))
                        try store.verify(blob.digest)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.images.content.list().count == 8)
        #expect(try fixture.storedFiles().allSatisfy { $0.hasPrefix("blobs/") })
    }

    @Test func namesThatMoveAtOnceLoseNoImage() async throws {
        let fixture = try ImageFixture()
        let targets = try (0..<6).map { try fixture.addSimple(seed: "\($0)") }
        let root = fixture.root
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<24 {
                group.addTask {
                    let images = ImageStore(root: root)
                    for step in 0..<6 {
                        let name = try Reference(parsing: "name-\((task + step) % 4)")
                        try await BlockingPool.run { try images.set(name, to: targets[(task * 5 + step) % 6]) }
                        // A name always leads to a whole image.
                        let found = try await BlockingPool.run { try images.resolve(name.familiar) }
                        #expect(found.references.contains(name) || found.isUntagged || !found.references.isEmpty)
                        _ = try await BlockingPool.run { try images.list { Issue.record($0) } }
                    }
                }
            }
            try await group.waitForAll()
        }
        let images = try fixture.images.list()
        #expect(images.count == 6)
        #expect(images.flatMap(\.references).count == 4)
        #expect(images.count(where: \.isUntagged) == 6 - images.count { !$0.isUntagged })
    }

    @Test func collectingBesideWritersTakesNothingOfTheirs() async throws {
        let fixture = try ImageFixture()
        let root = fixture.root
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    try await BlockingPool.run {
                        let lease = try Lease(root: root)
                        let store = ContentStore(root: root)
                        for step in 0..<10 {
                            let config = ImageConfig(platform: .host)
                            var document = config
                            document.author = "\(task) \(step % 3)"
                            let stored = try store.store(Document(document, mediaType: .config))
                            let target = try store.store(
                                Document(Manifest(config: stored, layers: []), mediaType: .manifest))
                            try ImageStore(root: root).set(Reference(parsing: "image-\(task)-\(step)"), to: target)
                        }
                        withExtendedLifetime(lease) {}
                    }
                }
                group.addTask {
                    for _ in 0..<5 { _ = try await BlockingPool.run { try GarbageCollection(root: root).collect() } }
                }
            }
            try await group.waitForAll()
        }
        var problems: [String] = []
        let images = try fixture.images.list { problems.append("\($0)") }
        #expect(problems.isEmpty)
        #expect(images.flatMap(\.references).count == 80)
    }
}
