import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

struct GarbageCollectionTests {
    let fixture: ImageFixture
    var collection: GarbageCollection { GarbageCollection(root: fixture.root) }
    var store: ContentStore { fixture.images.content }
    init() throws { fixture = try ImageFixture() }

    /// Makes everything in the store an hour old.
    private func age() throws {
        var past = Timestamp.now
        past.seconds -= 3600
        let top = try Directory(opening: fixture.root)
        for path in try fixture.storedFiles() { try top.setTimes(at: FilePath(path), modified: past) }
    }

    @Test func whatImagesAreMadeOfStays() throws {
        let shared = try fixture.addLayer([.init("base", "base")])
        let own = try fixture.addLayer([.init("own", "own")])
        try fixture.add(["kept"], layers: [shared])
        let gone = try fixture.add(["gone"], layers: [shared, own])
        try age()
        let untouched = try collection.collect()
        #expect(untouched.blobs.isEmpty && untouched.layers.isEmpty && untouched.freedBytes == 0)

        _ = try fixture.images.remove(gone.digest)
        let report = try collection.collect()
        // Its manifest, its config and the layer that no other image has.
        #expect(report.blobs.count == 3)
        #expect(report.layers == [own.diffID])
        #expect(report.freedBytes == report.blobs.reduce(0) { $0 + $1.size })
        #expect(!store.contains(own.descriptor.digest))
        #expect(try fixture.images.list().map(\.layers.count) == [1])
        #expect(fixture.images.layers.info(for: shared.diffID) != nil)
        try store.verify(shared.descriptor.digest)
    }

    @Test func anUntaggedImageStays() throws {
        try fixture.addSimple(seed: "1")
        try age()
        #expect(try collection.collect().blobs.isEmpty)
    }

    @Test func anIndexKeepsAllItsImages() throws {
        let layer = try fixture.addLayer([.init("a", "a")])
        let parts = try ["amd64", "s390x"].map {
            try fixture.add(layers: [layer], platform: Platform(os: "linux", architecture: $0))
        }
        let index = try store.store(Document(Index(manifests: parts), mediaType: .index))
        try fixture.images.set(Reference(parsing: "multi"), to: index)
        for part in parts { _ = try fixture.images.remove(part.digest) }
        try age()
        #expect(try collection.collect().blobs.isEmpty)
    }

    @Test func nothingYoungerThanTheOldestLiveLeaseGoes() throws {
        let old = try store.store(Array("old".utf8))
        try age()
        let lease = try Lease(root: fixture.root)
        let young = try store.store(Array("young".utf8))
        #expect(try collection.collect().blobs.map(\.digest) == [old])
        // Whoever writes what is there already relies on it from now on.
        let again = try store.store(Array("again".utf8))
        try age()
        #expect(try store.store(Array("again".utf8)) == again)
        #expect(try collection.collect().blobs.map(\.digest) == [young])
        #expect(store.contains(again))
        withExtendedLifetime(lease) {}
    }

    @Test func aLeaseEndsWithItsHolder() throws {
        let digest = try store.store(Array("x".utf8))
        try age()
        do {
            let lease = try Lease(root: fixture.root)
            try lease.protect(Needs(blobs: [digest]))
            #expect(try collection.collect().blobs.isEmpty)
            #expect(try store.paths.names(in: store.paths.leases).count { $0.hasPrefix("lease-") } == 1)
        }
        #expect(try store.paths.names(in: store.paths.leases).count { $0.hasPrefix("lease-") } == 0)
        #expect(try collection.collect().blobs.map(\.digest) == [digest])
    }

    @Test func aDeadProcessesLeaseProtectsNothing() throws {
        let digest = try store.store(Array("x".utf8))
        let path = store.paths.leases.appending("lease-dead")
        try AtomicFile.write(
            Array(
                #"{"needs":{"blobs":["\#(digest)"],"layers":[],"snapshots":[]},"started":{"nanoseconds":0,"seconds":1}}"#
                    .utf8), to: path)
        try age()
        #expect(try collection.collect().blobs.map(\.digest) == [digest])
        #expect(throws: SystemError.self) { try FileMetadata(at: path) }
    }

    @Test func leftoversOfDeadProcessesGo() throws {
        _ = try store.store(Array("x".utf8))
        let leftover = store.paths.temporary.appending("ingest-dead")
        try AtomicFile.write(Array("half a blob".utf8), to: leftover)
        let directory = try store.paths.open(store.paths.temporary)
        try directory.createDirectory(at: "unpacked-dead")
        try age()
        let lease = try Lease(root: fixture.root)
        let ingest = try store.ingest()
        try ingest.write(Array("alive".utf8))
        #expect(try collection.collect().leftoverBytes == 11)
        let blob = try ingest.commit()
        #expect(store.contains(blob.digest))
        withExtendedLifetime(lease) {}
        #expect(throws: SystemError.self) { try FileMetadata(at: leftover) }
    }

    @Test func snapshotsAndTheirLayersAreTheCallers() throws {
        let layer = try fixture.addLayer([.init("a", "a")])
        let other = try fixture.addLayer([.init("b", "b")])
        let base = try fixture.addLayer([.init("c", "c")])
        try fixture.add(["app"], layers: [base])
        try fixture.images.layers.setLayer(layer.diffID, ofSnapshot: "s-kept")
        try fixture.images.layers.setLayer(other.diffID, ofSnapshot: "s-gone")
        try age()
        // A collector that does not know snapshots leaves their layers alone.
        #expect(try collection.collect().layers.isEmpty)

        var asked: GarbageCollection.SnapshotSweep?
        let report = try collection.collect(keeping: Needs(snapshots: ["s-kept"])) { sweep in
            asked = sweep
            return GarbageCollection.SweptSnapshots(removed: [("s-gone", 1000)], kept: ["s-kept"])
        }
        #expect(asked?.needed == ["s-kept", "sha256-" + base.diffID.digest.hex])
        #expect(report.layers == [other.diffID])
        #expect(report.freedBytes == 1000 + other.descriptor.size)
        #expect(store.contains(layer.descriptor.digest))
        #expect(fixture.images.layers.layer(ofSnapshot: "s-kept") == layer.diffID)
        #expect(fixture.images.layers.layer(ofSnapshot: "s-gone") == nil)
    }

    @Test func cacheRecordsKeepBlobsAndLayers() throws {
        let layer = try fixture.addLayer([.init("a", "a")])
        let blob = try store.store(Array("record".utf8))
        try age()
        #expect(try collection.collect(keeping: Needs(blobs: [blob], layers: [layer.diffID])).freedBytes == 0)
        #expect(try collection.collect().blobs.count == 2)
    }
}

struct LayerIndexTests {
    @Test func whatIsKnownAddsUp() throws {
        let fixture = try ImageFixture()
        let members = [ImageFixture.Member("a", String(repeating: "x", count: 5000))]
        let gzip = try fixture.addLayer(members)
        let plain = try fixture.addLayer(members, compression: .none)
        #expect(gzip.diffID == plain.diffID)
        let index = fixture.images.layers
        #expect(index.info(for: gzip.diffID)?.blobs == [plain.descriptor, gzip.descriptor])
        #expect(index.blob(for: gzip.diffID, in: fixture.images.content) == plain.descriptor)
        try fixture.images.content.remove(plain.descriptor.digest)
        #expect(index.blob(for: gzip.diffID, in: fixture.images.content) == gzip.descriptor)
    }

    @Test func unreadableFilesAreForgotten() throws {
        let fixture = try ImageFixture()
        let layer = try fixture.addLayer([.init("a", "a")])
        try AtomicFile.write(
            Array("{".utf8), to: fixture.root.appending("layers").appending(layer.diffID.digest.hex + ".json"))
        #expect(fixture.images.layers.info(for: layer.diffID) == nil)
        for name in ["", "../x", "a/b", ".hidden"] {
            #expect(fixture.images.layers.layer(ofSnapshot: name) == nil)
            #expect(throws: StorageError.self) { try fixture.images.layers.setLayer(layer.diffID, ofSnapshot: name) }
        }
    }
}
