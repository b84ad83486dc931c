import HostSystem
import SystemPackage

/// Standard input, read to its end into a file: a Dockerfile or a tar archive. The file lives as long as this value.
final class StandardInputFile: Sendable {
    private let directory: TemporaryDirectory
    let path: String

    /// - Parameter name: what messages call it.
    init(named name: String) throws {
        directory = try TemporaryDirectory()
        let file = directory.path.appending(name)
        path = file.string
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
        try descriptor.closeAfter {
            try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { buffer in
                while true {
                    let count = try FileDescriptor.standardInput.read(into: buffer)
                    if count == 0 { return }
                    _ = try descriptor.writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
        }
    }
}
