import FoundationEssentials
import HostSystem
import SystemPackage
import Testing

/// A file with the text expected, in `Fixtures`. `UPDATE_GOLDEN=1 swift test` writes what there is now.
func expectGolden(_ actual: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = FilePath(#filePath).removingLastComponent().appending("Fixtures").appending(name)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
        try AtomicFile.write(Array(actual.utf8), to: path)
        return
    }
    let expected = String(decoding: try File(opening: path).readAll(), as: UTF8.self)
    #expect(actual == expected, "differs from \(path); UPDATE_GOLDEN=1 rewrites it", sourceLocation: sourceLocation)
}
