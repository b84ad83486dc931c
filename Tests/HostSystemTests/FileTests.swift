import HostSystem
import SystemPackage
import Testing

@Suite struct FileTests {
    let temporary: TemporaryDirectory
    var root: Directory { temporary.directory }
    init() throws { temporary = try TemporaryDirectory() }

    @Test(arguments: [0, 1, 4096, 300_000])
    func copiesContents(_ size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try root.writeFile(bytes, at: "a")
        try root.createFile(at: "b").copyContents(from: root.openFile(at: "a"))
        #expect(try root.readFile(at: "b") == bytes)
    }

    @Test func holesStayHoles() throws {
        let source = try root.createFile(at: "a")
        try [UInt8](repeating: 9, count: 100).withUnsafeBytes { try source.write($0, at: 8 << 20) }
        try source.truncate(to: 64 << 20)
        let copy = try root.createFile(at: "b")
        try copy.copyContents(from: source)
        #expect(try copy.metadata().size == 64 << 20)
        #expect(try copy.metadata().blocks <= source.metadata().blocks + 64)
        let region = try #require(try copy.dataRegion(from: 0, size: 64 << 20))
        #expect(region.contains(8 << 20))
        #expect(try root.readFile(at: "b") == root.readFile(at: "a"))
    }

    @Test func replacesFilesAtomically() throws {
        let path = temporary.path.appending("f")
        try AtomicFile.write([1], to: path)
        let old = try File(opening: path)
        try AtomicFile.write([2, 3], to: path, mode: 0o600, durable: true)
        #expect(try old.readAll() == [1])
        #expect(try File(opening: path).readAll() == [2, 3])
        #expect(try root.metadata(at: "f").mode == 0o600)
        #expect(try root.entries().count == 1)
    }

    @Test func filesOfUnknownSizeAreReadWhole() throws {
        #expect(try File(opening: "/proc/self/status").readAll().count > 100)
    }

    @Test func locksExcludeEachOther() throws {
        let path = temporary.path.appending("lock")
        let first = try #require(try FileLock.tryAcquire(path))
        #expect(try FileLock.tryAcquire(path) == nil)
        #expect(try FileLock.tryAcquire(path, .shared) == nil)
        first.release()
        let shared = try #require(try FileLock.tryAcquire(path, .shared))
        let other = try #require(try FileLock.tryAcquire(path, .shared))
        #expect(try FileLock.tryAcquire(path) == nil)
        withExtendedLifetime((shared, other)) {}
    }

    @Test func temporaryDirectoriesDisappear() throws {
        let path: FilePath
        do {
            let inner = try TemporaryDirectory(in: temporary.path)
            path = inner.path
            _ = try inner.directory.createDirectories(at: "a/b")
        }
        #expect(throws: SystemError.self) { try FileMetadata(at: path) }
    }
}
