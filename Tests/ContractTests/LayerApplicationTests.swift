import Archives
import HostSystem
import OCI
import Snapshots
import SystemPackage
import Testing

@Suite struct LayerApplicationTests {
    typealias Member = LayerHarness.Member

    let temporary: TemporaryDirectory
    var store: FilePath { temporary.path.appending("store") }
    init() throws { temporary = try TemporaryDirectory() }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var base: [Member] = []
        var layer: [Member]
        /// Paths of the result, with what a symlink or file holds; nil: the layer is refused.
        var result: [String]?
    }

    static let cases: [Case] = [
        Case(testDescription: "absolute and dotted paths", layer: [.file("/a/b", "x"), .file("./c//d", "y"), .directory("./")],
            result: ["a/", "a/b=x", "c/", "c/d=y"]),
        Case(testDescription: "climbing out", layer: [.file("../escape", "x")], result: nil),
        Case(testDescription: "climbing out deeper", layer: [.directory("a"), .file("a/../../escape", "x")], result: nil),
        Case(testDescription: "through an absolute link", layer: [.symlink("a", "/../../.."), .file("a/escape", "x")],
            result: ["a->/../../..", "escape=x"]),
        Case(testDescription: "through links through links",
            layer: [.symlink("a", "b/.."), .symlink("b", "../../.."), .file("a/x", "1"), .file("b/y", "2")],
            result: ["a->b/..", "b->../../..", "x=1", "y=2"].sorted()),
        Case(testDescription: "a circle of links", layer: [.symlink("a", "b"), .symlink("b", "a"), .file("a/x", "1")], result: nil),
        Case(testDescription: "a dangling link as parent", layer: [.symlink("a", "/etc/new"), .file("a/x", "1")],
            result: ["a->/etc/new", "etc/", "etc/new/", "etc/new/x=1"]),
        Case(testDescription: "a link below as parent", base: [.directory("usr/lib"), .symlink("lib", "usr/lib")],
            layer: [.file("lib/x", "1")], result: ["lib->usr/lib", "usr/", "usr/lib/", "usr/lib/x=1"]),
        Case(testDescription: "hard link out of the root", layer: [.link("a", "../../../etc/passwd")], result: nil),
        Case(testDescription: "hard link through a link out", layer: [.symlink("e", "/etc"), .link("a", "e/passwd")], result: nil),
        Case(testDescription: "hard link to a symlink", layer: [.symlink("s", "/etc/passwd"), .link("a", "s")],
            result: ["a->/etc/passwd", "s->/etc/passwd"]),
        Case(testDescription: "hard link to a directory", layer: [.directory("d"), .link("a", "d")], result: nil),
        Case(testDescription: "hard link to nothing", layer: [.link("a", "b")], result: nil),
        Case(testDescription: "hard link to itself", layer: [.file("a", "1"), .link("a", "a")], result: ["a=1"]),
        Case(testDescription: "hard link into the layer below", base: [.directory("d"), .file("d/f", "1")],
            layer: [.link("a", "d/f")], result: ["a=1", "d/", "d/f=1"]),
        Case(testDescription: "hard link to what is removed", base: [.file("f", "1")],
            layer: [.whiteout("f"), .link("a", "f")], result: nil),
        Case(testDescription: "duplicate entries", layer: [.file("a", "1"), .file("a", "22"), .symlink("a", "x"), .file("a", "3")],
            result: ["a=3"]),
        Case(testDescription: "file over directory", layer: [.directory("a"), .file("a/b", "1"), .file("a", "2")], result: ["a=2"]),
        Case(testDescription: "directory over file", layer: [.file("a", "1"), .directory("a"), .file("a/b", "2")],
            result: ["a/", "a/b=2"]),
        Case(testDescription: "file over a directory below", base: [.directory("a"), .file("a/b", "1")],
            layer: [.file("a", "2")], result: ["a=2"]),
        Case(testDescription: "directory over a file below", base: [.file("a", "1")],
            layer: [.directory("a"), .file("a/b", "2")], result: ["a/", "a/b=2"]),
        Case(testDescription: "directory over a link below", base: [.directory("real"), .symlink("a", "real")],
            layer: [.directory("a"), .file("a/b", "2")], result: ["a/", "a/b=2", "real/"]),
        Case(testDescription: "file and then directory over a directory below", base: [.directory("a"), .file("a/old", "1")],
            layer: [.file("a", "x"), .directory("a"), .file("a/new", "2")], result: ["a/", "a/new=2"]),
        Case(testDescription: "a file as parent", layer: [.file("a", "1"), .file("a/b", "2")], result: nil),
        Case(testDescription: "a file below as parent", base: [.file("a", "1")], layer: [.file("a/b", "2")], result: nil),
        Case(testDescription: "missing parents keep the attributes below", base: [.directory("d", mode: 0o700)],
            layer: [.file("d/e/f", "1")], result: ["d/", "d/e/", "d/e/f=1"]),
        Case(testDescription: "whiteouts", base: [.directory("d"), .file("d/a", "1"), .file("d/b", "2"), .directory("e"), .file("e/x", "")],
            layer: [.whiteout("d/a"), .whiteout("e"), .whiteout("nothing"), .whiteout("no/where")], result: ["d/", "d/b=2"]),
        Case(testDescription: "whiteout and new directory", base: [.directory("d"), .file("d/a", "1")],
            layer: [.whiteout("d"), .directory("d"), .file("d/b", "2")], result: ["d/", "d/b=2"]),
        Case(testDescription: "whiteout after new directory", base: [.directory("d"), .file("d/a", "1")],
            layer: [.directory("d"), .file("d/b", "2"), .whiteout("d")], result: ["d/", "d/b=2"]),
        Case(testDescription: "whiteout and file in the unnamed directory", base: [.directory("d"), .file("d/a", "1")],
            layer: [.whiteout("d"), .file("d/b", "2")], result: ["d/", "d/b=2"]),
        Case(testDescription: "opaque", base: [.directory("d"), .file("d/a", "1"), .directory("d/e"), .file("f", "3")],
            layer: [.directory("d"), .opaque("d"), .file("d/b", "2")], result: ["d/", "d/b=2", "f=3"]),
        Case(testDescription: "opaque last", base: [.directory("d"), .file("d/a", "1"), .directory("d/e"), .file("d/e/x", "3")],
            layer: [.directory("d"), .file("d/e/b", "2"), .opaque("d")], result: ["d/", "d/e/", "d/e/b=2"]),
        Case(testDescription: "opaque root", base: [.directory("d"), .file("a", "1")],
            layer: [.file(".wh..wh..opq"), .file("b", "2")], result: ["b=2"]),
        Case(testDescription: "whiteouts of nothing in particular", layer: [.file("d/.wh..")], result: nil),
        Case(testDescription: "the overlay's own mark", layer: [.device("a", 0, 0)], result: nil),
    ]

    @Test(arguments: SnapshotterContract.usable, cases)
    func appliesLayers(_ contract: SnapshotterContract, _ row: Case) throws {
        try Directory(opening: temporary.path).writeFile([1], at: "sentinel")
        let snapshots = contract.make(store)
        try snapshots.apply(row.base, as: "base")
        guard let expected = row.result else {
            #expect(throws: (any Error).self) { try snapshots.apply(row.layer, as: "top", on: "base") }
            #expect(try snapshots.list().map(\.name) == ["base"])
            return
        }
        try snapshots.apply(row.layer, as: "top", on: "base")
        var found: [String] = []
        try TreeWalk.visit(snapshots.open("top"), sorted: true) { entry throws in
            switch entry.metadata.kind {
            case .directory: found.append("\(entry.path)/")
            case .symlink: found.append("\(entry.path)->\(try entry.symlinkTarget())")
            case .file: found.append("\(entry.path)=" + String(decoding: try entry.open().readAll(), as: UTF8.self))
            default: found.append("\(entry.path)?")
            }
            return .descend
        }
        #expect(found == expected)
        #expect(try Set(temporary.directory.entries().map(\.name.string)) == ["sentinel", "store"])
    }

    @Test(arguments: SnapshotterContract.usable)
    func theDiffIDIsVerified(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let good = try LayerHarness.layer([.file("a", "1")])
        let other = try LayerHarness.layer([.file("a", "2")])
        #expect(throws: SnapshotError.wrongDiffID(expected: other.diffID, found: good.diffID)) {
            try snapshots.apply(good.bytes, other.diffID, as: "x")
        }
        #expect(throws: (any Error).self) { try snapshots.apply(Array(good.bytes.prefix(700)), good.diffID, as: "x") }
        #expect(try snapshots.list().isEmpty)
        let reading = try snapshots.apply(good.bytes, good.diffID, as: "x")
        #expect(reading.entries == 1)
        #expect(reading.unpackedBytes == 1)
    }

    @Test(.enabled(if: HostIdentity.isRoot, "needs root: gives files away, sets capabilities"), arguments: SnapshotterContract.usable)
    func attributesArrive(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let capability: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        try snapshots.apply([
            .directory("d", mode: 0o1777, time: 5000),
            .file("d/su", "x", mode: 0o4755).with { $0.uid = 12; $0.gid = 34 },
            .file("d/ping", "x").with {
                $0.uid = 7
                $0.extendedAttributes = [
                    "security.capability": capability, "user.mine": [9], "user.overlay.opaque": [121],
                    "trusted.overlay.opaque": [121], "trusted.x": [1], "security.selinux": [1],
                ]
            },
            .directory("d/sub", time: 6000).with { $0.extendedAttributes = ["trusted.overlay.opaque": [121]] },
            .file("d/sub/x", "y"),
            .device("d/null", 1, 3),
        ], as: "a")
        let root = try snapshots.open("a")
        let su = try root.metadata(at: "d/su")
        #expect(su.mode == 0o4755)
        #expect(su.uid == 12)
        #expect(su.gid == 34)
        #expect(su.modified == Timestamp(seconds: 1000))
        #expect(try root.extendedAttributes(at: "d/ping") == ["security.capability": capability, "user.mine": [9]])
        #expect(try root.metadata(at: "d").mode == 0o1777)
        #expect(try root.metadata(at: "d").modified == Timestamp(seconds: 5000))
        #expect(try root.metadata(at: "d/sub").modified == Timestamp(seconds: 6000))
        #expect(try root.metadata(at: "d/null").deviceMinor == 3)
        // Missing parents: the attributes of the directory below, and its time.
        try snapshots.apply([.file("d/sub/z", "1")], as: "b", on: "a")
        let top = try snapshots.open("b")
        #expect(try top.metadata(at: "d").mode == 0o1777)
        #expect(try top.metadata(at: "d").modified == Timestamp(seconds: 5000))
    }

    @Test(arguments: SnapshotterContract.usable)
    func longRunsOfZerosBecomeHoles(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        var bytes = [UInt8](repeating: 0, count: 3 << 20)
        bytes[2 << 20] = 1
        let layer = try LayerHarness.layer([Member(entry: TarEntry(path: "z", kind: .file, mode: 0o644), bytes: bytes)])
        try snapshots.apply(layer.bytes, layer.diffID, as: "a")
        let file = try snapshots.open("a").openFile(at: "z")
        #expect(try file.readAll() == bytes)
        #expect(try file.metadata().blocks * 512 <= 1 << 20)
        #expect(try LayerHarness.extract(snapshots.changes(in: SnapshotID("a"))).bytes.count > 3 << 20)
    }
}
