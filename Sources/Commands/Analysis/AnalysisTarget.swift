import Archives
import ContentStorage
import HostSystem
import ImageAnalysis
import OCI
import SystemPackage

/// The image an analysis is of, wherever it is.
struct AnalysisTarget {
    var name: String
    var config: ImageConfig
    var layers: [LayerSource]
    /// Keeps the archive it is in.
    private var archive: ImageArchive?

    init(stored name: String, in access: ImageAccess) throws {
        let image = try access.resolve(name)
        let content = access.images.content
        self.name = image.references.first?.familiar ?? "sha256:" + image.id.short
        config = image.config.value
        layers = image.layers.map { layer in
            LayerSource(diffID: layer.diffID, blob: layer.blob) {
                try FileByteReader(File(opening: content.location(of: layer.blob)))
            }
        }
    }

    /// - Parameter wanted: which of several images; nil when there is only one.
    init(archive path: FilePath, named wanted: String?, in access: ImageAccess) throws {
        let archive = try ImageArchive(opening: path, spoolingInto: access.images.content.paths)
        let image = try Self.choose(wanted, among: archive.images(), path)
        self.archive = archive
        name = image.names.first ?? path.string
        config = image.config.value
        layers = image.layers.map { layer in
            LayerSource(diffID: layer.diffID, blob: layer.blob) {
                try FileByteReader(File(opening: layer.member.file), range: layer.member.range)
            }
        }
    }

    private static func choose(_ wanted: String?, among images: [ArchivedImage], _ path: FilePath) throws -> ArchivedImage {
        let names = images.flatMap(\.names)
        let list = names.isEmpty ? nil : "it holds " + names.joined(separator: ", ")
        guard let first = images.first else { throw CommandFailure("there is no image in \(path)", help: nil) }
        guard let wanted else {
            if images.count == 1 { return first }
            throw CommandFailure("there are \(images.count) images in \(path): name one of them", help: list)
        }
        let reference = (try? Reference(parsing: wanted))?.description
        let found = images.first { image in
            image.names.contains { $0 == wanted || (try? Reference(parsing: $0))?.description == reference }
        }
        guard let found else { throw CommandFailure("there is no image \"\(wanted)\" in \(path)", help: list) }
        return found
    }

    /// How many layers came with the base: those of the largest other image in the store that this one begins with.
    func baseLayers(in access: ImageAccess) -> Int {
        let own = config.rootfs.diffIDs
        var most = 0
        for other in (try? access.images.list { _ in }) ?? [] {
            let layers = other.config.value.rootfs.diffIDs
            if layers.count > most, layers.count < own.count, own.starts(with: layers) { most = layers.count }
        }
        return most
    }

    func analysis(in access: ImageAccess) async throws -> ImageAnalysis {
        let result = try await ImageAnalysis(
            layers, history: config.history ?? [], baseLayers: baseLayers(in: access))
        withExtendedLifetime(archive) {}
        return result
    }
}
