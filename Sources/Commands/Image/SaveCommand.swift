import Archives
package import ArgumentParser
import ContentStorage
import HostSystem
import OCI
import SystemPackage

/// `jettison save`.
package struct SaveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "save", abstract: "Write images into an archive that docker, podman and skopeo read.",
        discussion: "Example: jettison save -o app.tar app:1.0")

    package enum Format: String, ExpressibleByArgument, CaseIterable {
        case docker, oci
        case ociDirectory = "oci-dir"

        package init?(argument: String) {
            switch argument {
            case "docker-archive": self = .docker
            case "oci-archive": self = .oci
            case "oci-layout": self = .ociDirectory
            default: self.init(rawValue: argument)
            }
        }
    }

    @OptionGroup var global: GlobalOptions
    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Where to; - is standard output.", valueName: "file"))
    var output: String?
    @Option(
        help: ArgumentHelp("docker: layers uncompressed; oci: as stored; oci-dir: a directory.", valueName: "format"))
    var format = Format.docker
    @Argument(help: ArgumentHelp("Names, or beginnings of ids.", valueName: "image"))
    var images: [String]

    package init() {}

    package func validate() throws {
        if images.isEmpty { throw ValidationError("Name at least one image.") }
        if format == .ociDirectory, output == nil || output == "-" {
            throw ValidationError("--format oci-dir needs -o and a directory.")
        }
    }

    package func run() async throws {
        let command = self
        let access = ImageAccess(root: global.root)
        try await BlockingPool.run { try command.save(access) }
    }

    func save(_ access: ImageAccess) throws {
        let lease = try Lease(root: access.root)
        let exports = try exports(access)
        if format == .ociDirectory, let output {
            try OCILayout.writeDirectory(exports, from: access.images.content, to: FilePath(output))
        } else if let output, output != "-" {
            try ReplacedFile.write(FilePath(output)) { try write(exports, access, to: $0) }
        } else {
            guard Terminal(descriptor: 1) == nil else {
                throw UsageError(
                    "an archive does not go to a terminal", help: "give a file with -o, or redirect standard output")
            }
            try write(exports, access, to: PipeWriter(descriptor: .standardOutput, name: "standard output"))
        }
        withExtendedLifetime(lease) {}
    }

    private func write(_ exports: [ImageExport], _ access: ImageAccess, to sink: some ByteWriter) throws {
        switch format {
        case .docker: try DockerArchive.write(exports, from: access.images, to: sink)
        case .oci, .ociDirectory: try OCILayout.writeArchive(exports, from: access.images.content, to: sink)
        }
    }

    /// Each image once, under the names that were given. A name without a tag is `latest`, or when there is none, all
    /// tags of that name, as docker has it.
    private func exports(_ access: ImageAccess) throws -> [ImageExport] {
        var exports: [ImageExport] = []
        func add(_ target: Descriptor, _ name: Reference?) {
            if let index = exports.firstIndex(where: { $0.target.digest == target.digest }) {
                if let name, !exports[index].names.contains(name) { exports[index].names.append(name) }
            } else {
                exports.append(ImageExport(target: target, names: name.map { [$0] } ?? []))
            }
        }
        for text in images {
            let reference = try? Reference(parsing: text)
            if let reference, reference.digest == nil, let target = try access.images.target(of: reference) {
                add(target, reference)
                continue
            }
            let isBareName = reference.map { $0.familiarName == text || $0.name == text } ?? false
            let tagged =
                try isBareName ? access.list().flatMap { image in image.references.map { ($0, image.target) } } : []
            let ofThatName = tagged.filter { $0.0.name == reference?.name && $0.0.tag != nil }
            for (name, target) in ofThatName { add(target, name) }
            if ofThatName.isEmpty { add(try access.resolve(text).target, nil) }
        }
        return exports
    }
}

/// Writes a file under another name first, so that a failure leaves what was there.
enum ReplacedFile {
    static func write(_ path: FilePath, _ body: (any ByteWriter) throws -> Void) throws {
        let found = try? FileMetadata(at: path)
        if let found, found.kind != .file {
            guard found.kind != .directory else { throw CommandFailure("\(path) is a directory") }
            // A device or a pipe.
            let descriptor = try FileDescriptor.open(path, .writeOnly)
            return try descriptor.closeAfter { try body(PipeWriter(descriptor: descriptor, name: path.string)) }
        }
        guard let name = path.lastComponent, name.kind == .regular else {
            throw UsageError("\"\(path)\" is not the name of a file")
        }
        let parent = path.removingLastComponent()
        let directory = try Directory(opening: parent.isEmpty ? "." : parent)
        let temporary = FilePath(".\(name.string.prefix(100)).\(UInt32.random(in: 0...(.max)))")
        let file = try directory.openFile(at: temporary, options: [.write, .create, .exclusive])
        do {
            try body(FileByteWriter(file))
            try directory.rename(temporary, to: FilePath(root: nil, [name]))
        } catch {
            try? directory.remove(temporary)
            throw error
        }
    }
}

/// Writes into a pipe or a device, waiting until it takes the bytes. Does not close it.
struct PipeWriter: ByteWriter {
    let descriptor: FileDescriptor
    /// For messages.
    let name: String

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        do { try descriptor.writeAll(bytes) } catch let error as Errno where error != .brokenPipe {
            throw SystemError("write", path: name, code: error)
        }
    }
    func finish() throws {}
}
