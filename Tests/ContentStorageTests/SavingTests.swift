import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

struct SavingTests {
    let fixture: ImageFixture
    init() throws { fixture = try ImageFixture() }

    enum Form: String, CaseIterable, Sendable { case docker, oci, directory }

    private func save(_ exports: [ImageExport], _ form: Form, _ name: String = "saved") throws -> FilePath {
        let path = fixture.path(name)
        switch form {
        case .directory: try OCILayout.writeDirectory(exports, from: fixture.images.content, to: path)
        case .docker, .oci:
            let file = try File(opening: path, options: [.write, .create, .truncate])
            if form == .oci {
                try OCILayout.writeArchive(exports, from: fixture.images.content, to: FileByteWriter(file))
            } else {
                try DockerArchive.write(exports, from: fixture.images, to: FileByteWriter(file))
            }
        }
        return path
    }

    private func samples() throws -> [ImageExport] {
        let base = try fixture.addLayer([
            .init("etc/base", "base"), .init("bin/sh", String(repeating: "sh", count: 9000)),
        ])
        let gzip = try fixture.addLayer([.init("app", "app")])
        let zstd = try fixture.addLayer(
            [.init("data", String(repeating: "data", count: 5000))], compression: .zstd, isKnown: false)
        let one = try fixture.add(["one:1", "team/one:latest"], layers: [base, gzip])
        let two = try fixture.add(["two:2"], layers: [base, zstd, base])
        return try [
            ImageExport(target: one, names: [Reference(parsing: "one:1"), Reference(parsing: "team/one")]),
            ImageExport(target: two, names: [Reference(parsing: "two:2")]),
        ]
    }

    @Test(arguments: Form.allCases) func whatIsSavedIsLoadedElsewhere(_ form: Form) throws {
        let exports = try samples()
        let path = try save(exports, form)
        let other = try ImageFixture()
        let loaded = try ImageArchive(opening: path, spoolingInto: other.images.content.paths).load(into: other.images)
        #expect(loaded.map { $0.names.map(\.familiar) } == [["one:1", "team/one:latest"], ["two:2"]])
        for name in ["one:1", "two:2"] {
            let (before, after) = (try fixture.images.resolve(name), try other.images.resolve(name))
            #expect(before.config.bytes == after.config.bytes)
            #expect(before.layers.map(\.diffID) == after.layers.map(\.diffID))
            // Layouts keep the blobs themselves, docker archives only what is in them.
            if form != .docker { #expect(before.manifest.bytes == after.manifest.bytes) }
            #expect(after.layers.allSatisfy { $0.info != nil })
        }
    }

    @Test(arguments: [Form.docker, .oci]) func theSameImagesGiveTheSameBytes(_ form: Form) throws {
        let exports = try samples()
        let first = try File(opening: save(exports, form, "1")).readAll()
        #expect(try File(opening: save(exports, form, "2")).readAll() == first)
    }

    @Test func whatWasSavedUncompressedFindsItsCompressedBlobAgain() throws {
        let exports = try samples()
        let path = try save(exports, .docker)
        let before = try fixture.storedFiles().filter { $0.hasPrefix("blobs/") }
        _ = try ImageArchive(opening: path, spoolingInto: fixture.images.content.paths).load(into: fixture.images)
        #expect(try fixture.storedFiles().filter { $0.hasPrefix("blobs/") } == before)
        #expect(try fixture.images.resolve("one:1").target == exports[0].target)
    }

    @Test func aLayoutGrows() throws {
        let exports = try samples()
        let path = try save([exports[0]], .directory)
        _ = try save([exports[1]], .directory)
        // A name that moves.
        let moved = try ImageExport(target: exports[1].target, names: [Reference(parsing: "one:1")])
        _ = try save([moved], .directory)
        let layout = try OCILayout(ArchiveFiles(directory: path))
        #expect(
            layout.index.manifests.compactMap { $0.annotations?[Annotation.containerdName] } == [
                "docker.io/team/one:latest", "docker.io/library/two:2", "docker.io/library/one:1",
            ])
    }

    @Test func aMissingLayerIsSaidBeforeAnythingIsWritten() throws {
        let exports = try samples()
        let layer = try fixture.images.resolve("one:1").layers[1].blob
        try fixture.images.content.remove(layer.digest)
        for form in [Form.docker, .oci] {
            let error = #expect(throws: StorageError.self) { try save([exports[0]], form, "missing-\(form)") }
            #expect(error?.code == .blobNotFound)
            #expect(error?.message.contains(layer.digest.description) == true)
            #expect(try FileMetadata(at: fixture.path("missing-\(form)")).size == 0)
        }
    }

    @Test func aDamagedLayerIsNotWrittenOut() throws {
        let exports = try samples()
        let layer = try fixture.images.resolve("one:1").layers[1]
        let other = try SampleLayer("xyz", compression: .gzip)
        var bytes = other.bytes
        bytes += [UInt8](repeating: 0, count: max(0, Int(layer.blob.size) - bytes.count))
        try AtomicFile.write(
            Array(bytes.prefix(Int(layer.blob.size))), to: fixture.images.content.path(of: layer.blob.digest))
        #expect(throws: (any Error).self) { try save([exports[0]], .docker) }
    }
}
