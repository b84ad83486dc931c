import HostSystem
import SystemPackage
import Testing

@Suite struct DirectoryTests {
    let temporary: TemporaryDirectory
    let root: Directory

    init() throws {
        temporary = try TemporaryDirectory()
        try temporary.directory.createDirectory(at: "root")
        try temporary.directory.writeFile(Array("secret".utf8), at: "secret")
        root = try temporary.directory.directory(at: "root")
    }

    @Test(arguments: ["/secret", "../secret", "../../../../../../secret", "up/secret", "abs/secret", "proc/self/cwd/secret"])
    func nothingLeadsOutOfTheRoot(_ path: String) throws {
        try root.createSymlink(at: "up", target: "../")
        try root.createSymlink(at: "abs", target: temporary.path)
        try root.createSymlink(at: "proc", target: "/proc")
        #expect(throws: SystemError.self) { try root.readFile(at: FilePath(path)) }
        #expect(!root.exists(FilePath(path), followLast: true))
        #expect(throws: SystemError.self) {
            try root.openFile(at: FilePath(path).removingLastComponent().appending("new/x"), options: [.write, .create])
        }
        #expect(try Set(temporary.directory.entries().map(\.name.string)) == ["root", "secret"])
    }

    @Test func writingThroughALinkStaysInside() throws {
        try root.createSymlink(at: "out", target: "/../../etc")
        let made = try root.createDirectories(at: "out/deep/er", mode: 0o700, owner: nil)
        try made.writeFile([1], at: "x")
        // The dangling link leads to a directory made inside the root.
        #expect(try root.readFile(at: "etc/deep/er/x") == [1])
        #expect(try root.metadata(at: "etc/deep").mode == 0o700)
        #expect(try root.metadata(at: "out").kind == .symlink)
    }

    @Test func aCircleOfLinksIsAnError() throws {
        try root.createSymlink(at: "a", target: "b")
        try root.createSymlink(at: "b", target: "a")
        #expect { try root.createDirectories(at: "a/x") } throws: { ($0 as? SystemError)?.code == .tooManySymbolicLinkLevels }
    }

    @Test(arguments: ["", ".", "..", "a/..", "a/.", "/"])
    func namesAreValidated(_ path: String) throws {
        try root.createDirectory(at: "a")
        #expect(throws: SystemError.self) { try root.createDirectory(at: FilePath(path)) }
        #expect(throws: SystemError.self) { try root.removeDirectory(FilePath(path)) }
        #expect(throws: SystemError.self) { try root.rename(FilePath(path), to: "z") }
    }

    @Test func readsWhatItWrote() throws {
        let old = Timestamp(seconds: -5, nanoseconds: 7)
        let file = try root.createFile(at: "f", mode: 0o4751)
        try file.write(Array("hello".utf8))
        try root.setTimes(at: "f", modified: old)
        try root.createHardLink(at: "g", to: "f")
        try root.createSymlink(at: "s", target: "nowhere")
        try root.setTimes(at: "s", modified: old)
        try root.createFifo(at: "p", mode: 0o622)

        let found = try root.metadata(at: "f")
        #expect(found.kind == .file)
        #expect(found.mode == 0o4751)
        #expect(found.size == 5)
        #expect(found.links == 2)
        #expect(found.modified == old)
        #expect(try root.metadata(at: "g").inode == found.inode)
        #expect(try root.metadata(at: "s").modified == old)
        #expect(try root.symlinkTarget(at: "s") == "nowhere")
        #expect(try root.readFile(at: "g") == Array("hello".utf8))
        #expect(throws: SystemError.self) { try root.readFile(at: "f", limit: 4) }
        // A FIFO with no writer must not block.
        #expect(throws: SystemError.self) { try root.readFile(at: "p") }
        let entries = try root.entries().sorted { $0.name.string < $1.name.string }
        #expect(entries.map(\.name.string) == ["f", "g", "p", "s"])
        #expect(entries.map(\.kind) == [.file, .file, .fifo, .symlink])
    }

    @Test func namesThatAreNotUTF8Survive() throws {
        let name = try #require(FilePath.Component(platformString: [CChar(bitPattern: 0xff), 0x61, 0]))
        try root.writeFile([7], at: FilePath(root: nil, [name]))
        #expect(try root.entries().map(\.name) == [name])
        #expect(try root.readFile(at: FilePath(root: nil, [name])) == [7])
    }

    @Test func removesTreesButNotWhatLinksPointTo() throws {
        _ = try root.createDirectories(at: "t/a/b/c")
        try root.writeFile([1], at: "keep")
        try root.createSymlink(at: "t/link", target: "../keep")
        try root.createSymlink(at: "t/dir", target: "/")
        for index in 0..<300 { try root.writeFile([], at: FilePath("t/a/f\(index)")) }
        try root.removeTree("t")
        try root.removeTree("t")
        #expect(try root.entries().map(\.name.string) == ["keep"])
        try root.removeTree("keep")
        #expect(try root.entries().isEmpty)
    }

    @Test func deepTreesAreRemoved() throws {
        var directory = root
        let name = FilePath(String(repeating: "d", count: 200))
        for _ in 0..<25 {
            try directory.createDirectory(at: name)
            directory = try directory.directory(at: name)
        }
        // 5,000 bytes of path: more than one call may name.
        var count = 0
        try TreeWalk.visit(root) { _ in
            count += 1
            return .descend
        }
        #expect(count == 25)
        try root.removeContents()
        #expect(try root.entries().isEmpty)
    }

    @Test func extendedAttributesRoundTrip() throws {
        try root.writeFile([], at: "f")
        let long = [UInt8](repeating: 3, count: 1000)
        try root.setExtendedAttribute("user.one", to: [1, 0, 2], at: "f")
        try root.setExtendedAttribute("user.long", to: long, at: "f")
        try root.setExtendedAttribute("user.empty", to: [], at: "f")
        #expect(try root.extendedAttributes(at: "f") == ["user.one": [1, 0, 2], "user.long": long, "user.empty": []])
        #expect(try root.extendedAttribute("user.none", at: "f") == nil)
        try root.removeExtendedAttribute("user.one", at: "f")
        try root.removeExtendedAttribute("user.one", at: "f")
        #expect(try root.extendedAttribute("user.one", at: "f") == nil)
        #expect(try root.openFile(at: "f").extendedAttributes().count == 2)
    }

    @Test(.enabled(if: HostIdentity.isRoot, "needs root: gives files away and makes device nodes"))
    func rootMayChangeOwnersAndMakeDevices() throws {
        try root.createSymlink(at: "s", target: "nowhere")
        try root.setOwner(at: "s", uid: 12, gid: 34)
        #expect(try root.metadata(at: "s").uid == 12)
        #expect(try root.metadata(at: "s").gid == 34)
        try root.createDevice(at: "null", mode: 0o666, major: 1, minor: 3)
        let null = try root.metadata(at: "null")
        #expect(null.kind == .characterDevice)
        #expect(null.deviceMajor == 1)
        #expect(null.deviceMinor == 3)
        #expect(null.mode == 0o666)
    }

    @Test func renameCanRefuseToReplace() throws {
        try root.writeFile([1], at: "a")
        try root.writeFile([2], at: "b")
        #expect { try root.rename("a", to: "b", replacing: false) } throws: { ($0 as? SystemError)?.code == .fileExists }
        try root.rename("a", to: "b")
        #expect(try root.readFile(at: "b") == [1])
    }
}
