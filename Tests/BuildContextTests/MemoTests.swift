import BuildContext
import HostSystem
import OCI
import PathPatterns
import SystemPackage
import Testing

struct MemoTests {
    /// A tree, and a memo whose clock stands ten seconds ahead, so that files just made are old enough.
    struct Fixture {
        let files: TemporaryTree
        let store: TemporaryTree
        var ahead: Int64 = 10

        init(_ entries: [String] = ["a=1", "d/b=2", "d/c=3"]) throws {
            files = try TemporaryTree(entries)
            store = try TemporaryTree()
        }

        /// As a new process would have it.
        func memo(tree: FilePath = "/context") -> ContentMemo {
            let ahead = ahead
            return ContentMemo(directory: store.path.appending("memos"), tree: tree) {
                var now = Timestamp.now
                now.seconds += ahead
                return now
            }
        }

        func report(_ memo: ContentMemo? = nil) throws -> SelectionDigest {
            defer {
                files.keep()
                store.keep()
            }
            return try files.tree(memo: memo ?? self.memo()).fingerprint(of: FileSelection(sources: ["."]))
        }

        func memoFile() throws -> FilePath {
            let memos = try store.root.directory(at: "memos")
            let name = try #require(try memos.entries().first?.name)
            return FilePath("memos").appending(name)
        }
    }

    @Test func aWarmTreeIsNotOpened() throws {
        let fixture = try Fixture()
        let cold = try fixture.report()
        let warm = try fixture.report()
        // Three files, and the attributes of a directory; those of the top go nowhere.
        #expect(cold.hashedFiles == 4)
        #expect(warm.hashedFiles == 0)
        #expect(warm.digest == cold.digest)
        #expect(try fixture.files.tree().fingerprint(of: FileSelection(sources: ["."])).digest == cold.digest)
    }

    @Test func oneMemoServesEverySelectionOfATree() throws {
        let fixture = try Fixture()
        _ = try fixture.report()
        let part = try fixture.files.tree(memo: fixture.memo()).fingerprint(of: FileSelection(sources: ["d", "a"]))
        #expect(part.hashedFiles == 0)
        fixture.files.keep()
    }

    @Test func changedFilesAreReadAgain() throws {
        let fixture = try Fixture()
        let cold = try fixture.report()
        try fixture.files.write("changed", to: "d/b")
        let warm = try fixture.report()
        #expect(warm.digest != cold.digest)
        // The file, and its directory, whose times changed with it.
        #expect(warm.hashedFiles == 2)
        try fixture.files.write("2", to: "d/b")
        #expect(try fixture.report().digest == cold.digest)
    }

    /// Same inode, size and modification time, other bytes: the change time gives it away.
    @Test func restoredTimesHideNothing() throws {
        let fixture = try Fixture(["f=one"])
        let cold = try fixture.report()
        let before = try fixture.files.root.metadata(at: "f")
        let file = try fixture.files.root.openFile(at: "f", options: .write)
        try file.write(Array("two".utf8))
        try fixture.files.root.setTimes(at: "f", modified: before.modified)
        let after = try fixture.files.root.metadata(at: "f")
        #expect(after.size == before.size && after.modified == before.modified && after.inode == before.inode)
        #expect(after.changed != before.changed)
        #expect(try fixture.report().digest != cold.digest)
    }

    /// A file may change again within the tick of the clock in which it was read.
    @Test func freshFilesAreNotRemembered() throws {
        var fixture = try Fixture()
        fixture.ahead = 0
        _ = try fixture.report()
        #expect(try fixture.report().hashedFiles == 4)
        fixture.ahead = 10
        _ = try fixture.report()
        #expect(try fixture.report().hashedFiles == 0)
    }

    @Test func oneProcessRemembersWithoutTheFile() throws {
        let fixture = try Fixture()
        let memo = fixture.memo()
        _ = try fixture.report(memo)
        try fixture.store.root.removeTree("memos")
        #expect(try fixture.report(memo).hashedFiles == 0)
    }

    @Test(.enabled(if: TemporaryTree.hasAttributes, "needs a file system with extended attributes"))
    func attributesAreRememberedWithTheContent() throws {
        let fixture = try Fixture(["f=1"])
        let cold = try fixture.report()
        try fixture.files.root.setExtendedAttribute("user.x", to: [1], at: "f")
        let attributed = try fixture.report()
        #expect(attributed.digest != cold.digest)
        let warm = try fixture.report()
        #expect(warm.digest == attributed.digest)
        #expect(warm.hashedFiles == 0)
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var apply: @Sendable ([UInt8]) -> [UInt8]
        init(_ name: String, _ apply: @escaping @Sendable ([UInt8]) -> [UInt8]) {
            testDescription = name
            self.apply = apply
        }
    }

    static let damages: [Damage] = [
        Damage("empty") { _ in [] }, Damage("short") { Array($0.dropLast(1)) }, Damage("long") { $0 + [0] },
        Damage("header only") { Array($0.prefix(32)) }, Damage("foreign") { _ in Array("not a memo at all".utf8) },
        Damage("wrong name") { [$0[0] ^ 1] + $0.dropFirst() }, Damage("zeros") { $0.map { _ in 0 } },
        Damage("huge count") { Array($0[..<16]) + Array(repeating: 0xFF, count: 8) + Array($0[24...]) },
        Damage("flipped bit in a digest") { bytes in
            var bytes = bytes
            bytes[bytes.count - 20] ^= 4
            return bytes
        },
    ]

    @Test(arguments: damages) func damagedMemosAreEmpty(_ damage: Damage) throws {
        let fixture = try Fixture()
        let cold = try fixture.report()
        let file = try fixture.memoFile()
        let bytes = try fixture.store.root.readFile(at: file)
        try fixture.store.root.writeFile(damage.apply(bytes), at: file)
        let again = try fixture.report()
        #expect(again == cold)
        #expect(try fixture.report().hashedFiles == 0)
    }

    @Test func memosOfOtherTreesAreForeign() throws {
        let fixture = try Fixture()
        _ = try fixture.report()
        #expect(try fixture.report(fixture.memo(tree: "/other")).hashedFiles == 4)
    }

    @Test func aMemoIsWrittenOnlyWhenThereIsNews() throws {
        let fixture = try Fixture()
        _ = try fixture.report()
        let file = try fixture.memoFile()
        let before = try fixture.store.root.metadata(at: file)
        _ = try fixture.report()
        #expect(try fixture.store.root.metadata(at: file) == before)
    }

    @Test func recordsOfVanishedFilesAreDropped() throws {
        let fixture = try Fixture((0..<50).map { "f\($0)=\($0)" })
        _ = try fixture.report()
        let full = try fixture.store.root.metadata(at: fixture.memoFile()).size
        for number in 1..<50 { try fixture.files.root.remove(FilePath("f\(number)")) }
        for round in 0..<12 {
            try fixture.files.write("round \(round)", to: "f0")
            _ = try fixture.report()
        }
        #expect(try fixture.store.root.metadata(at: fixture.memoFile()).size < full / 10)
    }

    @Test func unwritableStoresCostNothingButTime() throws {
        let files = try TemporaryTree(["a=1"])
        let memo = ContentMemo(directory: "/proc/no/such/place", tree: "/context")
        #expect(try files.tree(memo: memo).digest(".") == files.tree().digest("."))
        files.keep()
    }

    @Test func selectionsOfSnapshotsAreRemembered() throws {
        let files = try TemporaryTree(["a=1"])
        let store = try TemporaryTree()
        let memo = SelectionMemo(directory: store.path.appending("selections"))
        let selection = FileSelection(sources: ["a"], excludes: ["b"])
        let tree = files.tree(ownership: .asFound)
        let digest = try tree.digest(of: selection, in: memo, tree: "s-1")
        try files.write("2", to: "a")
        #expect(try tree.digest(of: selection, in: memo, tree: "s-1") == digest)
        #expect(try tree.digest(of: selection, in: memo, tree: "s-2") != digest)
        #expect(
            SelectionMemo.key(tree: "x", selection) != SelectionMemo.key(tree: "x", FileSelection(sources: ["a", "b"])))
        let key = SelectionMemo.key(tree: "s-1", selection)
        let place = try store.root.directory(at: "selections")
        for entry in try place.entries() {
            try place.writeFile(Array("nonsense".utf8), at: FilePath(root: nil, [entry.name]))
        }
        #expect(memo.digest(for: key) == nil)
        files.keep()
        store.keep()
    }
}
