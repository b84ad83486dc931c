import HostSystem
import SystemPackage
import Testing

@Suite struct TreeWalkTests {
    let temporary: TemporaryDirectory
    var root: Directory { temporary.directory }

    init() throws {
        temporary = try TemporaryDirectory()
        for path in ["a/b/c", "a-/x", "a.d", "z"] { _ = try temporary.directory.createDirectories(at: FilePath(path)) }
        try temporary.directory.writeFile([1, 2], at: "a/b/file")
        try temporary.directory.createSymlink(at: "a/link", target: "/")
    }

    @Test func visitsInByteOrderPerDirectory() throws {
        var seen: [String] = []
        try TreeWalk.visit(root, sorted: true) { entry in
            seen.append(entry.path.string)
            #expect(entry.depth == entry.path.components.count)
            #expect(entry.name.string == entry.path.lastComponent?.string)
            return .descend
        }
        #expect(seen == ["a", "a/b", "a/b/c", "a/b/file", "a/link", "a-", "a-/x", "a.d", "z"])
    }

    @Test func directoriesCanBeSkipped() throws {
        var seen: Set<String> = []
        try TreeWalk.visit(root) { entry throws in
            seen.insert(entry.path.string)
            return entry.name == "b" ? .skip : .descend
        }
        #expect(seen == ["a", "a/b", "a/link", "a-", "a-/x", "a.d", "z"])
    }

    @Test func entriesCanBeOpened() throws {
        try TreeWalk.visit(root) { entry throws in
            switch entry.metadata.kind {
            case .file:
                let bytes = try entry.open().readAll()
                #expect(bytes == [1, 2])
            case .symlink:
                let target = try entry.symlinkTarget()
                #expect(target == "/")
                #expect(throws: SystemError.self) { try entry.open() }
            default: #expect(entry.metadata.kind == .directory)
            }
            return .descend
        }
    }

    @Test func workersSeeEverythingOnce() throws {
        for index in 0..<50 {
            _ = try root.createDirectories(at: FilePath("many/d\(index)/e"))
            for file in 0..<10 { try root.writeFile([], at: FilePath("many/d\(index)/e/f\(file)")) }
        }
        var expected: Set<String> = []
        try TreeWalk.visit(root) { entry throws in
            expected.insert(entry.path.string)
            return entry.name == "b" ? .skip : .descend
        }
        let parts = try TreeWalk.visitInParallel(root, workers: 3, state: { [String]() }) { paths, entry in
            paths.append(entry.path.string)
            return entry.name == "b" ? .skip : .descend
        }
        let all = parts.flatMap { $0 }
        #expect(all.count == expected.count)
        #expect(Set(all) == expected)
    }

    @Test func anErrorOfTheVisitorEndsTheWalk() {
        #expect(throws: SystemError.self) {
            try TreeWalk.visit(root) { _ in throw SystemError("try", code: .init(rawValue: 1)) }
        }
        #expect(throws: SystemError.self) {
            _ = try TreeWalk.visitInParallel(root, workers: 2, state: { 0 }) { _, _ in
                throw SystemError("try", code: .init(rawValue: 1))
            }
        }
    }
}
