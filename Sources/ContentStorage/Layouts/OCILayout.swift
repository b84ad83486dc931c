package import OCI
import SystemPackage

/// Images as the OCI image-layout specification lays them out: `oci-layout`, `index.json`, `blobs/sha256/HEX`.
package struct OCILayout: Sendable, BlobSource {
    package let files: ArchiveFiles
    package let index: Index

    /// An image of the layout's index, and the names it has there.
    package struct Entry: Sendable, Hashable {
        package var target: Descriptor
        /// As annotated: a whole reference, or only a tag.
        package var names: [String]
    }

    /// More images than anybody saves into one archive.
    static let imageLimit = 1000

    package init(_ files: ArchiveFiles) throws {
        guard let version = try files.bytes("oci-layout", limit: 4096) else {
            throw StorageError(.badArchive, "\(files.path) has no file \"oci-layout\"")
        }
        let marker = try files.decode(version, as: LayoutMarker.self, name: "oci-layout")
        guard marker.imageLayoutVersion.hasPrefix("1.") else {
            throw StorageError(
                .badArchive,
                "\(files.path) is an OCI layout of version \"\(marker.imageLayoutVersion.prefix(40))\"; only version 1 is known"
            )
        }
        guard let bytes = try files.bytes("index.json") else {
            throw StorageError(.badArchive, "\(files.path) is an OCI layout without \"index.json\"")
        }
        self.files = files
        index = try files.decode(bytes, as: Index.self, name: "index.json")
        guard index.manifests.count <= Self.imageLimit else {
            throw StorageError(
                .badArchive,
                "index.json in \(files.path) lists \(index.manifests.count) images; more than \(Self.imageLimit) are not read"
            )
        }
    }

    /// The images, each once.
    package var entries: [Entry] {
        var order: [Digest] = []
        var found: [Digest: Entry] = [:]
        for manifest in index.manifests {
            let names = [Annotation.containerdName, Annotation.refName].compactMap { manifest.annotations?[$0] }
            var target = manifest
            target.annotations = nil
            if found[manifest.digest] == nil { order.append(manifest.digest) }
            found[manifest.digest, default: Entry(target: target, names: [])].names += names.prefix(1)
        }
        return order.compactMap { found[$0] }
    }

    package func read(_ blob: Descriptor) async throws -> BlobBytes { try member(blob).bytes }

    /// Where the blob lies. Throws when it is missing or has another length.
    package func member(_ blob: Descriptor) throws -> ArchiveFiles.Member {
        guard let member = try files.member(Self.path(blob.digest)) else {
            throw StorageError(.badArchive, "\(files.path) lacks the blob \(blob.digest) (\(blob.mediaType))")
        }
        guard member.size == blob.size else {
            throw StorageError(
                .badArchive,
                "the blob \(blob.digest) in \(files.path) has \(member.size) bytes, but is said to have \(blob.size)")
        }
        return member
    }

    /// A small document, its bytes checked against the digest.
    func bytes(of blob: Descriptor) throws -> [UInt8] {
        let bytes = try files.bytes(of: member(blob), name: Self.path(blob.digest))
        let digest = Digest.sha256(of: bytes)
        guard digest == blob.digest else {
            throw StorageError(
                .badArchive, "the blob \(blob.digest) in \(files.path) is damaged: its digest is \(digest)")
        }
        return bytes
    }

    static func path(_ digest: Digest) -> String { "blobs/sha256/" + digest.hex }
}

/// The file `oci-layout`.
struct LayoutMarker: Codable, Sendable {
    var imageLayoutVersion = "1.0.0"
}

extension ArchiveFiles {
    func decode<Value: Codable & Sendable>(_ bytes: [UInt8], as type: Value.Type, name: String) throws -> Value {
        do { return try Document<Value>(decoding: bytes, mediaType: StoreRecord.mediaType).value } catch {
            throw StorageError(.badArchive, "\"\(name)\" in \(path) cannot be understood: \(error.brief)")
        }
    }
}
