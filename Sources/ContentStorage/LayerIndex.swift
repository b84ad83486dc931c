import HostSystem
package import OCI
package import SystemPackage

/// What we know of a layer: sizes, and in which blobs of the store it is. It lets a layer be compressed once in its life.
package struct LayerInfo: Codable, Sendable, Hashable {
    package var diffID: DiffID
    /// Sum of the sizes of the files in it.
    package var unpackedBytes: Int64
    /// Length of the uncompressed tar.
    package var tarBytes: Int64
    /// The same tar in various compressions, the preferred one first.
    package var blobs: [Descriptor]

    package init(diffID: DiffID, unpackedBytes: Int64, tarBytes: Int64, blobs: [Descriptor] = []) {
        self.diffID = diffID
        self.unpackedBytes = unpackedBytes
        self.tarBytes = tarBytes
        self.blobs = blobs
    }
}

/// Layers by DiffID, and which layer a snapshot is. Small files, replaced atomically; what is lost or unreadable is
/// found out again, so reading does not fail.
package struct LayerIndex: Sendable {
    package let paths: StorePaths
    package init(root: FilePath) { paths = StorePaths(root: root) }

    package func info(for diffID: DiffID) -> LayerInfo? {
        let info: LayerInfo? = decode(paths.layers.appending(diffID.digest.hex + ".json"))
        return info?.diffID == diffID ? info : nil
    }

    /// Saves what is known, together with the blobs known before.
    package func save(_ info: LayerInfo) throws {
        var info = info
        for blob in self.info(for: info.diffID)?.blobs ?? []
        where !info.blobs.contains(where: { $0.digest == blob.digest }) {
            info.blobs.append(blob)
        }
        try encode(info, into: paths.layers, name: info.diffID.digest.hex + ".json")
    }

    /// The first blob of the layer that is in the store.
    package func blob(for diffID: DiffID, in store: ContentStore) -> Descriptor? {
        info(for: diffID)?.blobs.first { store.holds($0) }
    }

    /// Which layer the snapshot with this name is.
    package func layer(ofSnapshot name: String) -> DiffID? {
        guard Self.isFileName(name) else { return nil }
        return decode(paths.snapshotLayers.appending(name + ".json"))
    }

    package func setLayer(_ diffID: DiffID, ofSnapshot name: String) throws {
        guard Self.isFileName(name) else { throw StorageError("\"\(name.prefix(120))\" is not the name of a snapshot") }
        try encode(diffID, into: paths.snapshotLayers, name: name + ".json")
    }

    package func layers() throws -> [DiffID] {
        try paths.names(in: paths.layers).compactMap { name in
            name.hasSuffix(".json") ? (try? Digest(hex: name.dropLast(5))).map { DiffID($0) } : nil
        }
    }

    /// Names of snapshots whose layer is known.
    func snapshots() throws -> [String] {
        try paths.names(in: paths.snapshotLayers).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
    }

    func remove(_ diffID: DiffID) throws { try paths.remove(diffID.digest.hex + ".json", in: paths.layers) }
    func removeLayer(ofSnapshot name: String) throws {
        if Self.isFileName(name) { try paths.remove(name + ".json", in: paths.snapshotLayers) }
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 200 && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
            && !name.hasPrefix(".")
    }

    private func decode<Value: Codable & Sendable>(_ path: FilePath) -> Value? {
        guard let bytes = try? paths.read(path) else { return nil }
        return (try? Document<Value>(decoding: bytes, mediaType: StoreRecord.mediaType))?.value
    }

    private func encode(_ value: some Codable & Sendable, into directory: FilePath, name: String) throws {
        let bytes = try Document(value, mediaType: StoreRecord.mediaType).bytes
        try paths.open(directory).writeFile(bytes, at: FilePath(name))
    }
}

/// JSON files of ours.
enum StoreRecord {
    static let mediaType = MediaType(rawValue: "application/json")
}
