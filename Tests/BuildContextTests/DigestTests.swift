import BuildContext
import HostSystem
import OCI
import PathPatterns
import SystemPackage
import Testing

struct DigestTests {
    static let entries = ["a=1", "d/b=2", "d/e/c=3", "d/l->b", "empty/"]

    @Test func equalTreesAreEqualWhereverTheyAre() throws {
        let first = try TemporaryTree(Self.entries)
        defer { first.keep() }
        let second = try TemporaryTree(Self.entries.reversed())
        defer { second.keep() }
        try second.root.setTimes(at: "d/b", modified: Timestamp(seconds: 1))
        try second.root.setTimes(at: "d", modified: Timestamp(seconds: 1))
        for sources in [".", "d", "d/*", "a", "*"] {
            #expect(try first.tree().digest(sources) == second.tree().digest(sources), "\(sources)")
        }
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: @Sendable (TemporaryTree) throws -> Void
        init(_ name: String, _ apply: @escaping @Sendable (TemporaryTree) throws -> Void) {
            testDescription = name
            self.apply = apply
        }
    }

    static let changes: [Change] = [
        Change("content") { try $0.write("X", to: "d/b") },
        Change("mode") { try $0.root.setMode(at: "d/b", 0o755) },
        Change("mode of a directory") { try $0.root.setMode(at: "d/e", 0o700) },
        Change("setuid") { try $0.root.setMode(at: "d/b", 0o4644) },
        Change("name") { try $0.root.rename("d/b", to: "d/b2") },
        Change("new file") { try $0.write("", to: "d/n") },
        Change("new directory") { try $0.root.createDirectory(at: "d/n") },
        Change("removed") { try $0.root.remove("d/b") },
        Change("link target") {
            try $0.root.remove("d/l")
            try $0.root.createSymlink(at: "d/l", target: "a")
        },
        Change("link to file") {
            try $0.root.remove("d/l")
            try $0.write("b", to: "d/l")
        },
        Change("fifo") {
            try $0.root.remove("d/b")
            try $0.root.createFifo(at: "d/b", mode: 0o644)
        },
        Change("moved") { try $0.root.rename("d/b", to: "d/e/b") },
    ]

    @Test(arguments: changes) func everyChangeIsSeen(_ change: Change) throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let before = try temporary.tree().digest("d")
        let other = try temporary.tree().digest("a")
        try change.apply(temporary)
        #expect(try temporary.tree().digest("d") != before)
        #expect(try temporary.tree().digest("a") == other)
    }

    @Test func selectionsAreTold() throws {
        let temporary = try TemporaryTree(["a=1", "b=1", "d/a=1"])
        defer { temporary.keep() }
        let tree = temporary.tree()
        var all: Set<String> = []
        let digests = [
            try tree.digest("a"), try tree.digest("b"), try tree.digest("a", "b"), try tree.digest("b", "a"),
            try tree.digest("d"), try tree.digest("."), try tree.digest("none*"), try tree.digest("."),
        ]
        all.formUnion(digests)
        #expect(all.count == 7)
        #expect(try tree.digest("d", excludes: ["a"]) != tree.digest("d"))
    }

    @Test func ignoredAndExcludedFilesDoNotCount() throws {
        let temporary = try TemporaryTree(["a=1", "log/x=1", "n.log=1"])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["log", "*.log"])
        let before = try tree.digest(".")
        let excluded = try temporary.tree().digest(".", excludes: ["log", "*.log"])
        try temporary.write("2", to: "log/x")
        try temporary.write("2", to: "n.log")
        #expect(try tree.digest(".") == before)
        #expect(try temporary.tree().digest(".", excludes: ["log", "*.log"]) == excluded)
    }

    @Test(.enabled(if: HostIdentity.isRoot, "only root may give files away"))
    func ownersCountInSnapshotsOnly() throws {
        let temporary = try TemporaryTree(["f=1"])
        defer { temporary.keep() }
        let context = try temporary.tree().digest("f")
        let snapshot = try temporary.tree(ownership: .asFound).digest("f")
        try temporary.root.setOwner(at: "f", uid: 5, gid: 6)
        #expect(try temporary.tree().digest("f") == context)
        #expect(try temporary.tree(ownership: .asFound).digest("f") != snapshot)
    }

    @Test(.enabled(if: HostIdentity.canMakeDevices, "needs device nodes"))
    func devicesCountByNumber() throws {
        let temporary = try TemporaryTree(["d/"])
        defer { temporary.keep() }
        var seen: Set<String> = []
        for minor in [3, 5] as [UInt32] {
            try temporary.root.createDevice(at: "d/n", mode: 0o666, major: 1, minor: minor)
            seen.insert(try temporary.tree().digest("d"))
            try temporary.root.remove("d/n")
        }
        #expect(seen.count == 2)
    }

    @Test(.enabled(if: TemporaryTree.hasAttributes, "needs a file system with extended attributes"))
    func attributesCount() throws {
        let temporary = try TemporaryTree(["d/f=1"])
        defer { temporary.keep() }
        let before = try temporary.tree().digest("d")
        try temporary.root.setExtendedAttribute("user.note", to: [1], at: "d/f")
        let attributed = try temporary.tree().digest("d")
        #expect(attributed != before)
        try temporary.root.setExtendedAttribute("user.note", to: [2], at: "d/f")
        #expect(try temporary.tree().digest("d") != attributed)
        try temporary.root.removeExtendedAttribute("user.note", at: "d/f")
        #expect(try temporary.tree().digest("d") == before)
        let whole = try temporary.tree().digest(".")
        try temporary.root.setExtendedAttribute("user.note", to: [1], at: "d")
        #expect(try temporary.tree().digest(".") != whole)
        // Nobody copies those of the directory that is named itself.
        #expect(try temporary.tree().digest("d") == before)
    }

    /// Root may read everything, so a file that fails when it is read stands in for one without permission.
    @Test func unreadableFilesAreNamedFromTheTop() throws {
        let tree = SourceTree(directory: try Directory(opening: "/proc/self"), ownership: .root)
        let error = #expect(throws: SystemError.self) { try tree.digest("mem") }
        #expect(error?.path == "mem")
    }

    @Test(.enabled(if: !HostIdentity.isRoot, "root may read everything"))
    func filesWithoutPermissionAreNamedFromTheTop() throws {
        let temporary = try TemporaryTree(["d/f=1"])
        defer { temporary.keep() }
        try temporary.root.setMode(at: "d/f", 0)
        let error = #expect(throws: SystemError.self) { try temporary.tree().digest(".") }
        #expect(error?.path == "d/f")
        #expect(error?.code == .permissionDenied)
    }

    @Test func manyFilesInParallelGiveOneDigest() throws {
        let temporary = try TemporaryTree((0..<300).map { "d\($0 % 7)/f\($0)=content \($0)" })
        defer { temporary.keep() }
        let digests = try (0..<4).map { _ in try temporary.tree().digest(".") }
        #expect(Set(digests).count == 1)
        let report = try temporary.tree().fingerprint(of: FileSelection(sources: ["."]))
        #expect(report.entries == 307)
        #expect(report.hashedFiles == 307)
    }
}
