import Archives
import HostSystem
import OCI
import Snapshots
import SystemPackage
import Testing

@Suite struct LayerExtractionTests {
    typealias Member = LayerHarness.Member

    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    private func snapshots(_ contract: SnapshotterContract, _ name: String = "store") -> any Snapshotter {
        contract.make(temporary.path.appending(name))
    }

    private func names(_ snapshots: any Snapshotter, _ name: String) throws -> [String] {
        try LayerHarness.names(LayerHarness.extract(snapshots.changes(in: SnapshotID(name))).bytes)
    }

    @Test(arguments: SnapshotterContract.usable)
    func onlyWhatChangedIsInTheLayer(_ contract: SnapshotterContract) throws {
        let snapshots = snapshots(contract)
        try snapshots.make("base") { root in
            for path in ["a/kept", "a/edited", "a/removed", "dir/x", "dir/y", "new-", "untouched/z"] {
                try root.createDirectories(at: FilePath(path).removingLastComponent()).writeFile([1], at: FilePath(path).lastPath)
            }
        }
        try snapshots.make("top", on: "base") { root in
            try root.writeFile([2], at: "a/edited")
            try root.remove("a/removed")
            try root.removeTree("dir")
            try root.createDirectory(at: "new")
            try root.writeFile([3], at: "new/f")
            try root.createHardLink(at: "new/g", to: "new/f")
            try root.createSymlink(at: "new/s", target: "../a")
        }
        #expect(
            try names(snapshots, "top") == [
                "a/", "a/edited", "a/.wh.removed", ".wh.dir", "new/", "new/f", "new/g", "new/s",
            ])
        // No marks in a layer with nothing below.
        #expect(try names(snapshots, "base").allSatisfy { !$0.contains(".wh.") })
    }

    @Test(arguments: SnapshotterContract.usable)
    func aReplacedDirectoryHidesTheOldOne(_ contract: SnapshotterContract) throws {
        let one = snapshots(contract)
        try one.apply([.directory("d"), .file("d/a", "1"), .file("d/b", "2")], as: "base")
        try one.make("top", on: "base") { root in
            try root.removeTree("d")
            try root.createDirectory(at: "d")
            try root.writeFile([3], at: "d/c")
        }
        let found = try names(one, "top")
        #expect(found == ["d/", "d/.wh..wh..opq", "d/c"] || found == ["d/", "d/.wh.a", "d/.wh.b", "d/c"])
        try expectRoundTrip(one, base: "base", top: "top", contract)
    }

    @Test(arguments: SnapshotterContract.usable)
    func nothingOfTheHostLeaks(_ contract: SnapshotterContract) throws {
        let snapshots = snapshots(contract)
        try snapshots.apply([.directory("d"), .file("d/a", "1")], as: "base")
        let socket: FilePath = "d/socket"
        try snapshots.make("top", on: "base") { root in
            try root.writeFile([2], at: "d/b")
            try root.setExtendedAttribute("user.mine", to: [1], at: "d/b")
            try root.createSpecial(at: socket, kind: .socket, mode: 0o755)
        }
        let layer = try LayerHarness.extract(snapshots.changes(in: SnapshotID("top")))
        var reader = TarReader(MemoryReader(layer.bytes))
        var keys: Set<String> = []
        var seen: [FilePath] = []
        while let entry = try reader.next() {
            keys.formUnion(entry.extendedAttributes.keys)
            seen.append(entry.path)
            #expect(entry.userName.isEmpty)
        }
        #expect(keys == ["user.mine"])
        #expect(!seen.contains(socket))
    }

    @Test(arguments: SnapshotterContract.usable)
    func theSameChangesGiveTheSameBytes(_ contract: SnapshotterContract) throws {
        var layers: [DiffID] = []
        for store in ["one", "two"] {
            let snapshots = snapshots(contract, store)
            try snapshots.make("a") { root in
                let names = (0..<50).map { "f\($0)" }
                for name in store == "one" ? names : names.reversed() { try root.writeFile(Array(name.utf8), at: FilePath(name)) }
                try root.createDirectory(at: "d")
            }
            layers.append(try LayerHarness.extract(snapshots.changes(in: SnapshotID("a")), clampTime: 1_000_000_000).diffID)
        }
        #expect(layers[0] == layers[1])
    }

    @Test(arguments: SnapshotterContract.usable)
    func timesAreClamped(_ contract: SnapshotterContract) throws {
        let snapshots = snapshots(contract)
        try snapshots.make("a") { root in
            try root.writeFile([1], at: "old")
            try root.setTimes(at: "old", modified: Timestamp(seconds: 500))
            try root.writeFile([1], at: "young")
        }
        let layer = try LayerHarness.extract(snapshots.changes(in: SnapshotID("a")), clampTime: 1000)
        var reader = TarReader(MemoryReader(layer.bytes))
        var times: [String: Int64] = [:]
        while let entry = try reader.next() { times[entry.path.string] = entry.modified.seconds }
        #expect(times == ["old": 500, "young": 1000])
    }

    /// The whiteout form without a device node.
    @Test func markedFilesAreWhiteouts() throws {
        let upper = try temporary.directory.createDirectories(at: "upper/d")
        try upper.writeFile([], at: "gone")
        try upper.setExtendedAttribute("user.overlay.whiteout", to: [], at: "gone")
        try upper.writeFile([], at: "empty")
        let layer = try LayerHarness.extract(SnapshotChanges(directory: temporary.path.appending("upper")))
        #expect(try LayerHarness.names(layer.bytes) == ["d/", "d/empty", "d/.wh.gone"])
    }

    /// apply(extract(x)) == x, on trees made and changed at random.
    @Test(arguments: SnapshotterContract.usable, [1, 2, 3, 4, 5, 6] as [UInt64])
    func layersRoundTrip(_ contract: SnapshotterContract, _ seed: UInt64) throws {
        let snapshots = snapshots(contract)
        var random = RandomTree(seed: seed)
        try snapshots.make("base") { try random.change($0, steps: 120) }
        try snapshots.make("top", on: "base") { try random.change($0, steps: 120) }
        try expectRoundTrip(snapshots, base: "base", top: "top", contract)
    }

    /// Carries both layers into a new store, of this kind and of every other, and compares.
    private func expectRoundTrip(
        _ snapshots: any Snapshotter, base: String, top: String, _ contract: SnapshotterContract
    ) throws {
        let expected = try snapshots.describe(top)
        let first = try LayerHarness.extract(snapshots.changes(in: SnapshotID(base)), compression: .gzip)
        let second = try LayerHarness.extract(snapshots.changes(in: SnapshotID(top)), compression: .gzip)
        for other in SnapshotterContract.usable {
            let copy = other.make(temporary.path.appending("copy-\(other.testDescription)"))
            try copy.apply(first.bytes, first.diffID, as: "one")
            try copy.apply(second.bytes, second.diffID, as: "two", on: "one")
            let found = try copy.describe("two")
            #expect(found.difference(from: expected).isEmpty, "\(contract.testDescription) to \(other.testDescription)")
        }
    }
}

extension FilePath {
    /// The last component alone.
    fileprivate var lastPath: FilePath { lastComponent.map { FilePath(root: nil, [$0]) } ?? "" }
}
