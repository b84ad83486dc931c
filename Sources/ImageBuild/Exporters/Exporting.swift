import Archives
import BuildPlan
import BuildSolver
import ContentStorage
import Diagnostics
import Distribution
import HostSystem
import OCI
import Snapshots
import SystemPackage

/// Takes what was built out of the store, once for each `--output`.
struct Exporting {
    let environment: BuildEnvironment
    let snapshotter: any Snapshotter
    let request: BuildRequest
    /// What the image stands on: its root is the base's own when no step changed a file.
    let base: PinnedBase?

    /// `root` is the final stage's filesystem; nil when the image has none.
    func export(
        _ image: ImageAssembler.Assembled, root: SnapshotID?, events: @escaping @Sendable (BuildEvent) -> Void
    ) async throws {
        for output in request.outputs {
            if output == .registry { try await push(image, events: events) }
            guard let name = name(of: output) else { continue }
            events(.activity(name: name, detail: "", done: false))
            try await export(image, root: root, to: output)
            events(.activity(name: name, detail: "", done: true))
        }
    }

    private func name(of output: BuildRequest.Output) -> String? {
        switch output {
        case .store, .registry: nil
        case .layout(let path, let archive): "writing OCI \(archive ? "archive" : "layout") \(path)"
        case .dockerArchive(let path): "writing docker archive \(path)"
        case .directory(let path): "copying files to \(path)"
        case .tar(let path): path == "-" ? "writing files as tar to standard output" : "writing files as tar to \(path)"
        }
    }

    private func export(
        _ image: ImageAssembler.Assembled, root: SnapshotID?, to output: BuildRequest.Output
    ) async throws {
        let named = ImageExport(target: image.manifest.descriptor, names: request.tags)
        switch output {
        case .store, .registry: return
        case .layout(let path, let archive):
            let content = environment.content
            try await BlockingPool.run {
                guard archive else { return try OCILayout.writeDirectory([named], from: content, to: FilePath(path)) }
                try OCILayout.writeArchive([named], from: content, to: Self.writer(path))
            }
        case .dockerArchive(let path):
            let images = environment.images
            try await BlockingPool.run { try DockerArchive.write([named], from: images, to: Self.writer(path)) }
        case .directory(let path):
            try await onRoot(root) { try RootExport(root: $0, epoch: request.sourceDateEpoch).copy(to: FilePath(path)) }
        case .tar(let path):
            try await onRoot(root) {
                try RootExport(root: $0, epoch: request.sourceDateEpoch).archive(to: Self.writer(path))
            }
        }
    }

    private func push(_ image: ImageAssembler.Assembled, events: @escaping @Sendable (BuildEvent) -> Void) async throws {
        guard let push = ImagePush(environment: environment, events: events) else {
            throw DiagnosticsError(
                Diagnostic(.error, "push-failed", "JETTISON_OFFLINE is set: nothing is pushed", help: "unset it for this command"))
        }
        for tag in request.tags {
            do { _ = try await push.push(image.manifest.descriptor, as: tag) } catch let error as RegistryError {
                throw DiagnosticsError(
                    Diagnostic(.error, "push-failed", "\(tag.familiar) cannot be pushed: \(error)", help: error.help))
            }
        }
    }

    /// `-` is standard output.
    private static func writer(_ path: String) throws -> FileByteWriter {
        FileByteWriter(
            try File(opening: FilePath(path == "-" ? "/dev/stdout" : path), options: [.write, .create, .truncate]))
    }

    private func onRoot(_ id: SnapshotID?, _ body: @escaping @Sendable (Directory) throws -> Void) async throws {
        guard let id else {
            // An image without files still gives a directory or an archive, with nothing in it.
            return try await BlockingPool.run {
                let empty = try TemporaryDirectory()
                try withExtendedLifetime(empty) { try body(empty.directory) }
            }
        }
        let snapshotter = snapshotter
        if !snapshotter.contains(id), let base {
            let image = UnpackedImage(
                reference: base.reference.familiar, layers: base.layers, diffIDs: base.config.rootfs.diffIDs)
            _ = try await image.unpack(snapshotter: snapshotter, blobs: environment.content)
        }
        try await BlockingPool.run { try body(try snapshotter.root(of: id).open()) }
    }
}
