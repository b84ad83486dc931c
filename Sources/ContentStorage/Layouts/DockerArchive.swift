import OCI
import SystemPackage

/// Images as `docker save` writes them: `manifest.json` names a config and layers for each.
package struct DockerArchive: Sendable {
    package let files: ArchiveFiles
    package let images: [Entry]

    /// One element of `manifest.json`.
    package struct Entry: Codable, Sendable, Hashable {
        /// The config's path in the archive.
        package var config: String
        package var repoTags: [String]?
        /// Paths of the layers' tars, bottom first.
        package var layers: [String]
        enum CodingKeys: String, CodingKey {
            case config = "Config"
            case repoTags = "RepoTags"
            case layers = "Layers"
        }
    }

    /// A Linux overlay has at most 500 layers; docker takes 127.
    static let layerLimit = 1000

    package init(_ files: ArchiveFiles) throws {
        guard let bytes = try files.bytes("manifest.json") else {
            throw StorageError(.badArchive, "\(files.path) has no file \"manifest.json\"")
        }
        self.files = files
        images = try files.decode(bytes, as: [Entry].self, name: "manifest.json")
        guard images.count <= OCILayout.imageLimit else {
            throw StorageError(
                .badArchive,
                "manifest.json in \(files.path) lists \(images.count) images; more than \(OCILayout.imageLimit) are not read"
            )
        }
        if let big = images.first(where: { $0.layers.count > Self.layerLimit }) {
            throw StorageError(
                .badArchive,
                "an image in \(files.path) has \(big.layers.count) layers; more than \(Self.layerLimit) are not read")
        }
    }

    /// The config's document. Its bytes are checked when its name promises a digest.
    func config(of entry: Entry) throws -> Document<ImageConfig> {
        guard let bytes = try files.bytes(entry.config) else {
            throw StorageError(
                .badArchive, "\(files.path) lacks the config \"\(entry.config.prefix(200))\" that manifest.json names")
        }
        let document: Document<ImageConfig>
        do { document = try Document(decoding: bytes, mediaType: .config) } catch {
            throw StorageError(
                .badArchive, "\"\(entry.config)\" in \(files.path) is not an image config: \(error.brief)")
        }
        if let promised = Self.promisedDigest(entry.config), promised != document.digest {
            throw StorageError(
                .badArchive,
                "the config \"\(entry.config)\" in \(files.path) is damaged: its digest is \(document.digest)")
        }
        let diffIDs = document.value.rootfs.diffIDs
        guard diffIDs.count == entry.layers.count else {
            throw StorageError(
                .badArchive,
                "manifest.json in \(files.path) lists \(entry.layers.count) layers for \(entry.config), whose config names \(diffIDs.count)"
            )
        }
        return document
    }

    func layer(_ path: String) throws -> ArchiveFiles.Member {
        guard let member = try files.member(path) else {
            throw StorageError(
                .badArchive, "\(files.path) lacks the layer \"\(path.prefix(200))\" that manifest.json names")
        }
        return member
    }

    /// `HEX.json` and `blobs/sha256/HEX`.
    static func promisedDigest(_ path: String) -> Digest? {
        let name = path.split(separator: "/").last ?? ""
        return try? Digest(hex: name.hasSuffix(".json") ? name.dropLast(5) : name)
    }
}
