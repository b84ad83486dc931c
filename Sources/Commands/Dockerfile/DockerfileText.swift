import Diagnostics
import HostSystem
import SystemPackage

/// Reading a Dockerfile from disk or standard input.
enum DockerfileText {
    /// More than this is no Dockerfile.
    private static let limit = 16 << 20

    /// - Parameter path: `-` is standard input.
    static func read(_ path: String) throws -> SourceFile {
        let descriptor = try path == "-" ? FileDescriptor.standardInput : open(path)
        defer { if path != "-" { try? descriptor.close() } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count: Int
            do { count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) } } catch let code as Errno {
                throw SystemError("read", path: path, code: code)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw CommandFailure("\(path) is too large for a Dockerfile") }
        }
        return SourceFile(name: path == "-" ? "<stdin>" : path, bytes: bytes)
    }

    private static func open(_ path: String) throws -> FileDescriptor {
        do { return try FileDescriptor.open(path, .readOnly) } catch let code as Errno {
            throw SystemError("open", path: path, code: code)
        }
    }
}
