package import Archives
import HostSystem
import OCI
package import SystemPackage

/// Images in a file or directory from elsewhere: an OCI layout, a docker archive, or the modern ones that are both.
package struct ImageArchive: Sendable {
    package enum Form: Sendable {
        /// With the docker archive that the same files may be as well: it may know names that the layout does not.
        case layout(OCILayout, DockerArchive?)
        case docker(DockerArchive)
    }
    package let form: Form
    /// Keeps a decompressed copy alive.
    private let spool: SpooledFile?

    /// - Parameters:
    ///   - path: an OCI layout's directory, or a tar archive; a compressed one is decompressed into the store's `tmp`.
    ///   - name: what messages call it.
    package init(opening path: FilePath, name: FilePath? = nil, spoolingInto paths: StorePaths) throws {
        let name = name ?? path
        let found: FileMetadata
        do { found = try FileMetadata(at: path) } catch {
            if error.code == .noSuchFileOrDirectory { throw StorageError(.badArchive, "there is no file \(name)") }
            throw error
        }
        if found.kind == .directory {
            spool = nil
            form = try Self.form(of: ArchiveFiles(directory: path))
            return
        }
        let file = try File(opening: path)
        let isReadInPlace = try found.kind == .file && Self.compression(of: file, name: name) == .none
        spool = try isReadInPlace ? nil : Self.spooled(file, found.kind, name: name, paths: paths)
        form = try Self.form(of: ArchiveFiles(tar: spool?.path ?? path, name: name))
    }

    /// What comes from a pipe.
    package init(reading source: some ByteReader, name: FilePath, spoolingInto paths: StorePaths) throws {
        let spool = try SpooledFile(source, name: name, paths: paths)
        self.spool = spool
        form = try Self.form(of: ArchiveFiles(tar: spool.path, name: name))
    }

    private static func spooled(
        _ file: File, _ kind: FileMetadata.Kind, name: FilePath, paths: StorePaths
    ) throws -> SpooledFile {
        if kind == .file { return try SpooledFile(FileByteReader(file), name: name, paths: paths) }
        // Opened once more to wait for what comes: `File` never waits.
        let descriptor = try FileDescriptor.open(file.path, .readOnly)
        return try descriptor.closeAfter {
            try SpooledFile(PipeReader(descriptor), name: name, paths: paths)
        }
    }

    private static func form(of files: ArchiveFiles) throws -> Form {
        let isLayout = try files.member("oci-layout") != nil && files.member("index.json") != nil
        let isDocker = try files.member("manifest.json") != nil
        if isLayout { return .layout(try OCILayout(files), isDocker ? try DockerArchive(files) : nil) }
        if isDocker { return .docker(try DockerArchive(files)) }
        let names = files.sampleNames()
        let content = names.isEmpty ? "it is empty" : "it holds " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        throw StorageError(
            .badArchive,
            "\(files.path) is no image archive: neither \"manifest.json\" (docker) nor \"oci-layout\" with \"index.json\" (OCI) is in it; \(content)",
            help: try files.member("etc/os-release") != nil
                ? "this looks like a root file system: ADD it in a Dockerfile FROM scratch" : nil)
    }

    private static func compression(of file: File, name: FilePath) throws -> Compression {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Compression.magicLength, alignment: 1)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer, at: 0)
        guard count > 0 else { throw StorageError(.badArchive, "\(name) is empty") }
        return Compression.detect(Array(buffer[0..<count]))
    }
}

/// Reads what comes through a pipe, waiting for it. Does not close it.
package struct PipeReader: ByteReader {
    private let descriptor: FileDescriptor
    package init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try descriptor.read(into: buffer)
    }
}

/// A plain copy of what is compressed or comes from a pipe. Removes itself.
private final class SpooledFile: Sendable {
    let path: FilePath
    private let directory: Directory
    private let name: FilePath

    init(_ source: some ByteReader, name shown: FilePath, paths: StorePaths) throws {
        directory = try paths.open(paths.temporary)
        var generator = SystemRandomNumberGenerator()
        name = FilePath("archive-" + String(generator.next(), radix: 36))
        path = paths.temporary.pushing(name)
        let file = try directory.openFile(at: name, options: [.write, .create, .exclusive], mode: 0o600)
        do {
            let reader = DecompressingReader(source)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
            defer { buffer.deallocate() }
            while case let count = try reader.read(into: buffer), count > 0 {
                try file.write(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            }
        } catch {
            try? directory.remove(name)
            throw error is CompressionError
                ? StorageError(.badArchive, "\(shown) cannot be decompressed: \(error)") : error
        }
    }

    deinit { try? directory.remove(name) }
}
