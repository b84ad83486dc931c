package import Archives
import HostSystem
import OCI
package import SystemPackage

extension OCILayout {
    /// Writes a tar archive: the layout, and a `manifest.json` beside it, so that docker of any age loads it too. The same
    /// images give the same bytes.
    package static func writeArchive(
        _ exports: [ImageExport], from store: ContentStore, to sink: some ByteWriter
    ) throws {
        let content = try ExportContent(exports, in: store)
        var archive = ArchiveWriting(sink)
        try archive.directory("blobs")
        try archive.directory("blobs/sha256")
        for blob in content.blobs.sorted(by: { $0.digest.hex < $1.digest.hex }) {
            try archive.file(path(blob.digest), copying: store.location(of: blob), size: blob.size)
        }
        try archive.file("index.json", try index(exports).bytes)
        try archive.file("manifest.json", try dockerManifest(exports, in: store))
        try archive.file("oci-layout", try marker().bytes)
        try archive.finish()
    }

    /// Writes a directory, or adds to the layout that is there: what it lists stays, unless a name moves.
    package static func writeDirectory(
        _ exports: [ImageExport], from store: ContentStore, to path: FilePath
    ) throws {
        let content = try ExportContent(exports, in: store)
        let host = try Directory(opening: path.isAbsolute ? "/" : ".")
        let directory = try host.createDirectories(at: path)
        let blobs = try directory.createDirectories(at: "blobs/sha256")
        for blob in content.blobs {
            let name = FilePath(blob.digest.hex)
            if let found = try? blobs.metadata(at: name), found.kind == .file, found.size == blob.size { continue }
            let temporary = FilePath(".tmp-" + blob.digest.hex)
            try? blobs.remove(temporary)
            let file = try blobs.createFile(at: temporary, mode: 0o644)
            try file.copyContents(from: File(opening: store.location(of: blob)))
            try blobs.rename(temporary, to: name)
        }
        try directory.writeFile(marker().bytes, at: "oci-layout")
        var index = try index(exports).value
        if directory.exists("index.json"), let older = try? OCILayout(ArchiveFiles(directory: path)).index {
            let moved = Set(index.manifests.compactMap { $0.annotations?[Annotation.containerdName] })
            index.manifests =
                older.manifests.filter { manifest in
                    if let name = manifest.annotations?[Annotation.containerdName], moved.contains(name) {
                        return false
                    }
                    return !index.manifests.contains(manifest)
                } + index.manifests
        }
        try directory.writeFile(Document(index, mediaType: .index).bytes, at: "index.json")
    }

    private static func marker() throws -> Document<LayoutMarker> {
        try Document(LayoutMarker(), mediaType: StoreRecord.mediaType)
    }

    /// One line a name, as docker and BuildKit annotate them: the tag, and for containerd the whole reference.
    private static func index(_ exports: [ImageExport]) throws -> Document<Index> {
        var manifests: [Descriptor] = []
        for export in exports {
            var line = export.target
            line.annotations = nil
            if export.names.isEmpty { manifests.append(line) }
            for name in export.names {
                line.annotations = [Annotation.containerdName: name.description]
                if let tag = name.tag { line.annotations?[Annotation.refName] = tag }
                manifests.append(line)
            }
        }
        return try Document(Index(manifests: manifests), mediaType: .index)
    }

    private static func dockerManifest(_ exports: [ImageExport], in store: ContentStore) throws -> [UInt8] {
        let entries = try exports.map { export in
            let image = try StoredImage(reading: export.target, from: store, layers: LayerIndex(root: store.paths.root))
            return DockerArchive.Entry(
                config: path(image.id), repoTags: export.names.map(\.familiar),
                layers: image.layers.map { path($0.blob.digest) })
        }
        return try Document(entries, mediaType: StoreRecord.mediaType).bytes
    }
}

/// A tar of plain files: fixed owner and time, so that the same files give the same bytes.
struct ArchiveWriting<Sink: ByteWriter> {
    private var tar: TarWriter<Sink>
    init(_ sink: Sink) { tar = TarWriter(sink) }

    mutating func directory(_ path: String) throws {
        try tar.append(TarEntry(path: FilePath(path), kind: .directory, mode: 0o755))
    }

    mutating func file(_ path: String, _ bytes: [UInt8]) throws {
        try begin(path, size: Int64(bytes.count))
        try tar.write(bytes)
    }

    mutating func file(_ path: String, copying source: FilePath, size: Int64) throws {
        try begin(path, size: size)
        try copy(try FileByteReader(File(opening: source)))
    }

    mutating func begin(_ path: String, size: Int64) throws {
        try tar.append(TarEntry(path: FilePath(path), kind: .file, mode: 0o644, size: size))
    }

    mutating func copy(_ source: some ByteReader) throws {
        var source = source
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        while case let count = try source.read(into: buffer), count > 0 {
            try tar.write(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        }
    }

    mutating func finish() throws { try tar.finish() }
}
