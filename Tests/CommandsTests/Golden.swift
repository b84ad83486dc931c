import FoundationEssentials
import SystemPackage
import Testing

/// A file with the text expected, beside the tests. `UPDATE_GOLDEN=1 swift test` writes what there is now.
struct Golden {
    private let path: FilePath

    init(_ name: String, file: String = #filePath) {
        path = FilePath(file).removingLastComponent().appending("Goldens").appending(name)
    }

    static var isUpdating: Bool { ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil }

    func expect(_ actual: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
        if Self.isUpdating {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter { _ = try file.writeAll(Array(actual.utf8)) }
            return
        }
        let expected = try read()
        #expect(actual == expected, "differs from \(path); UPDATE_GOLDEN=1 rewrites it", sourceLocation: sourceLocation)
    }

    private func read() throws -> String {
        let file = try FileDescriptor.open(path, .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                if count == 0 { return String(decoding: bytes, as: UTF8.self) }
                bytes += buffer[..<count]
            }
        }
    }
}

struct GoldenTests {
    @Test func updatingIsOffInContinuousIntegration() {
        let variables = ProcessInfo.processInfo.environment
        #expect(variables["CI"] == nil || !Golden.isUpdating)
    }
}
