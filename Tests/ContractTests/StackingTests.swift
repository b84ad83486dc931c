import HostSystem
import Snapshots
import SystemPackage
import Testing

/// What a linked copy needs of every snapshotter.
@Suite struct StackingTests {
    let temporary: TemporaryDirectory
    init() throws { temporary = try TemporaryDirectory() }

    /// A layer that stands on nothing.
    private func layer(_ snapshots: any Snapshotter, _ name: String, _ body: (Directory) throws -> Void) throws {
        let snapshot = try snapshots.prepare(on: nil)
        try body(snapshot.ownFiles())
        try snapshots.commit(snapshot, as: SnapshotID(name))
    }

    private func base(_ snapshots: any Snapshotter, _ name: String = "base") throws {
        try snapshots.make(name) { root in
            try root.createDirectory(at: "etc", mode: 0o700)
            try root.writeFile([1], at: "etc/old")
            try root.writeFile([1], at: "etc/both")
            try root.createDirectory(at: "usr", mode: 0o755)
            try root.writeFile([1], at: "usr/hidden")
            try root.createSymlink(at: "lib", target: "usr")
            try root.writeFile([1], at: "file")
            try root.createDirectory(at: "tree", mode: 0o755)
            try root.writeFile([1], at: "tree/x")
        }
    }

    private func files(_ root: Directory) throws {
        try root.createDirectory(at: "etc", mode: 0o750)
        try root.writeFile([2], at: "etc/both")
        try root.createDirectory(at: "lib", mode: 0o755)
        try root.writeFile([2], at: "lib/new")
        try root.createDirectory(at: "file", mode: 0o755)
        try root.writeFile([2], at: "tree")
    }

    @Test(arguments: SnapshotterContract.usable)
    func aLayerIsUnitedWithWhatIsBelow(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(temporary.path.appending("s"))
        try base(snapshots)
        try layer(snapshots, "layer", files)
        try snapshots.stack(SnapshotID("layer"), on: SnapshotID("base"), as: SnapshotID("both"))
        let root = try snapshots.open("both")
        #expect(try root.readFile(at: "etc/old") == [1])
        #expect(try root.readFile(at: "etc/both") == [2])
        #expect(try root.metadata(at: "etc").mode == 0o750)
        // No link is followed: the path is made of directories.
        #expect(try root.metadata(at: "lib").kind == .directory)
        #expect(try root.directory(at: "lib").entries().map(\.name.string) == ["new"])
        #expect(try root.metadata(at: "file").kind == .directory)
        #expect(try root.readFile(at: "tree") == [2])
        #expect(try snapshots.parent(of: SnapshotID("both")) == SnapshotID("base"))
        #expect(try snapshots.content(of: SnapshotID("both")) == SnapshotID("layer"))
        #expect(try snapshots.content(of: SnapshotID("base")) == SnapshotID("base"))
    }

    @Test(arguments: SnapshotterContract.usable)
    func aStackedOneIsStoodOn(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(temporary.path.appending("s"))
        try base(snapshots)
        try layer(snapshots, "layer", files)
        try snapshots.stack(SnapshotID("layer"), on: SnapshotID("base"), as: SnapshotID("both"))
        try snapshots.make("top", on: "both") { root in
            try root.writeFile([3], at: "etc/both")
            try root.remove("lib/new")
        }
        #expect(try snapshots.open("top").readFile(at: "etc/both") == [3])
        #expect(try !snapshots.open("top").exists("lib/new"))
        // The layer was not written to.
        #expect(try snapshots.open("layer").readFile(at: "etc/both") == [2])
        try snapshots.stack(SnapshotID("layer"), on: SnapshotID("top"), as: SnapshotID("again"))
        #expect(try snapshots.open("again").readFile(at: "lib/new") == [2])
    }

    @Test(arguments: SnapshotterContract.usable)
    func theLayerStaysAsLongAsItIsShown(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(temporary.path.appending("s"))
        try base(snapshots)
        try layer(snapshots, "layer", files)
        let both = try SnapshotID("both")
        try snapshots.stack(SnapshotID("layer"), on: SnapshotID("base"), as: both)
        #expect(throws: SnapshotError.self) { try snapshots.remove(SnapshotID("layer")) }
        #expect(throws: SnapshotError.self) { try snapshots.remove(SnapshotID("base")) }
        try snapshots.remove(both)
        #expect(try snapshots.open("layer").readFile(at: "tree") == [2])
        try snapshots.remove(SnapshotID("layer"))
        #expect(try snapshots.list().map(\.name) == ["base"])
    }

    @Test(arguments: SnapshotterContract.usable)
    func theRootKeepsItsOwnAttributes(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(temporary.path.appending("s"))
        try snapshots.make("base") { root in try root.setMode(at: "", 0o711) }
        try layer(snapshots, "layer") { try $0.writeFile([1], at: "f") }
        try snapshots.stack(SnapshotID("layer"), on: SnapshotID("base"), as: SnapshotID("both"))
        let root = try snapshots.open("both")
        #expect(try root.metadata().mode == 0o711)
        #expect(try root.readFile(at: "f") == [1])
    }

    @Test(arguments: SnapshotterContract.usable)
    func aMissingLayerIsAnError(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(temporary.path.appending("s"))
        try base(snapshots)
        #expect(throws: SnapshotError.self) {
            try snapshots.stack(SnapshotID("gone"), on: SnapshotID("base"), as: SnapshotID("both"))
        }
        #expect(try snapshots.list().map(\.name) == ["base"])
    }
}
