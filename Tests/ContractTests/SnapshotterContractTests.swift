import HostSystem
import Snapshots
import SystemPackage
import Testing

@Suite struct SnapshotterContractTests {
    let temporary: TemporaryDirectory
    var store: FilePath { temporary.path.appending("not/yet/there") }
    init() throws { temporary = try TemporaryDirectory() }

    @Test(.enabled(if: HostIdentity.canMount, "needs CAP_SYS_ADMIN: without it only the copying snapshotter is tested"))
    func overlayIsCovered() {
        #expect(SnapshotterContract.usable.count == 2)
    }

    @Test(arguments: SnapshotterContract.usable)
    func whatIsCommittedIsSeen(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        #expect(try snapshots.list().isEmpty)
        #expect(!snapshots.contains(try SnapshotID("a")))
        try snapshots.make("a") { try $0.writeFile([1], at: "f") }
        try snapshots.make("b", on: "a") { root in
            #expect(try root.readFile(at: "f") == [1])
            try root.writeFile([2], at: "f")
            try root.writeFile([3], at: "g")
        }
        // Another process sees it too.
        let other = contract.make(store)
        #expect(try other.list().map(\.name) == ["a", "b"])
        #expect(other.contains(try SnapshotID("b")))
        #expect(try other.parent(of: SnapshotID("b")) == SnapshotID("a"))
        #expect(try other.parent(of: SnapshotID("a")) == nil)
        #expect(try other.open("b").readFile(at: "f") == [2])
        #expect(try other.open("a").readFile(at: "f") == [1])
        #expect(try !other.open("a").exists("g"))
    }

    @Test(arguments: SnapshotterContract.usable)
    func aRootMayBeOpenedAgain(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let snapshot = try snapshots.prepare(on: snapshots.make("a") { try $0.writeFile([1], at: "f") })
        for round in 0..<3 as Range<UInt8> {
            let root = try snapshot.root.open()
            #expect(try root.readFile(at: "f") == [round + 1])
            try root.writeFile([round + 2], at: "f")
        }
        try snapshots.commit(snapshot, as: SnapshotID("b"))
        #expect(try snapshots.open("b").readFile(at: "f") == [4])
    }

    @Test(arguments: SnapshotterContract.usable)
    func aMissingParentIsAnError(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let missing = try SnapshotID("missing")
        #expect(throws: SnapshotError.missing(missing)) { try snapshots.prepare(on: missing) }
        #expect(throws: SnapshotError.missing(missing)) { try snapshots.root(of: missing) }
        #expect(throws: SnapshotError.missing(missing)) { try snapshots.changes(in: missing) }
        #expect(throws: SnapshotError.missing(missing)) { try snapshots.parent(of: missing) }
        #expect(try Directory(opening: store.appending("active")).entries().isEmpty)
    }

    @Test(arguments: SnapshotterContract.usable)
    func discardingLeavesNothing(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let snapshot = try snapshots.prepare(on: nil)
        try snapshot.root.open().writeFile([1], at: "f")
        try snapshots.discard(snapshot)
        try snapshots.discard(snapshot)
        #expect(try snapshots.list().isEmpty)
        for name in ["active", "trash", "committed"] {
            #expect(try Directory(opening: store.appending(name)).entries().isEmpty)
        }
        #expect(throws: SnapshotError.self) { try snapshots.commit(snapshot, as: SnapshotID("late")) }
    }

    @Test(arguments: SnapshotterContract.usable)
    func theFirstCommitWins(_ contract: SnapshotterContract) throws {
        let one = contract.make(store)
        let two = contract.make(store)
        let id = try SnapshotID("same")
        let first = try one.prepare(on: nil)
        let second = try two.prepare(on: nil)
        try first.root.open().writeFile([1], at: "f")
        try second.root.open().writeFile([2], at: "f")
        try one.commit(first, as: id)
        try two.commit(second, as: id)
        #expect(try one.open("same").readFile(at: "f") == [1])
        #expect(try one.list() == [id])
        #expect(throws: SnapshotError.self) { try two.commit(second, as: id) }
        #expect(try Directory(opening: store.appending("active")).entries().isEmpty)
    }

    @Test(arguments: SnapshotterContract.usable)
    func whatOthersStandOnStays(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let a = try snapshots.make("a") { try $0.writeFile([1], at: "f") }
        let b = try snapshots.make("b", on: "a") { _ in }
        #expect(throws: SnapshotError.inUse(a, by: "b")) { try snapshots.remove(a) }
        let writing = try contract.make(store).prepare(on: b)
        #expect(throws: SnapshotError.inUse(b, by: writing.token)) { try snapshots.remove(b) }
        try snapshots.discard(writing)
        try snapshots.remove(b)
        try snapshots.remove(b)
        try snapshots.remove(a)
        #expect(try snapshots.list().isEmpty)
        #expect(try Directory(opening: store.appending("trash")).entries().isEmpty)
    }

    @Test(arguments: SnapshotterContract.usable)
    func recoveryTakesTheDeadAndLeavesTheLiving(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        try snapshots.recover()
        #expect((try? FileMetadata(at: store)) == nil)
        try snapshots.make("kept") { try $0.writeFile([1], at: "f") }
        let living = try snapshots.prepare(on: nil)
        do {
            // Letting go without commit or discard is what a dead process does.
            let dead = try contract.make(store).prepare(on: try SnapshotID("kept"))
            _ = try dead.root.open().createDirectories(at: "a/b/c")
        }
        // Died before it had a lock.
        _ = try Directory(opening: store).createDirectories(at: "active/s-unlocked/fs/x")
        _ = try Directory(opening: store).createDirectories(at: "trash/left/over")
        try contract.make(store).recover()
        #expect(try Directory(opening: store.appending("active")).entries().map(\.name.string) == [living.token])
        #expect(try Directory(opening: store.appending("trash")).entries().isEmpty)
        try living.root.open().writeFile([2], at: "f")
        try snapshots.commit(living, as: SnapshotID("living"))
        #expect(try snapshots.open("living").readFile(at: "f") == [2])
        #expect(try snapshots.open("kept").readFile(at: "f") == [1])
    }

    @Test(arguments: SnapshotterContract.usable, [40, 200])
    func chainsMayBeDeep(_ contract: SnapshotterContract, _ depth: Int) throws {
        let snapshots = contract.make(store)
        for level in 0..<depth {
            try snapshots.make("l\(level)", on: level == 0 ? nil : "l\(level - 1)") { root in
                try root.writeFile([UInt8(truncatingIfNeeded: level)], at: "top")
                if level.isMultiple(of: 20) { try root.writeFile([1], at: FilePath("f\(level)")) }
                if level > 0, level.isMultiple(of: 30) { try root.remove("f0"); try root.writeFile([9], at: "f0") }
            }
        }
        let root = try snapshots.open("l\(depth - 1)")
        #expect(try root.readFile(at: "top") == [UInt8(truncatingIfNeeded: depth - 1)])
        #expect(try root.readFile(at: "f0") == [9])
        #expect(try root.entries().count == 1 + (depth + 19) / 20)
    }

    @Test(arguments: SnapshotterContract.usable)
    func theRootsAttributesAreInherited(_ contract: SnapshotterContract) throws {
        let snapshots = contract.make(store)
        let time = Timestamp(seconds: 1_000_000_000)
        try snapshots.make("a") { root in
            try root.setMode(at: "", 0o711)
            try root.setExtendedAttribute("user.kept", to: [1], at: "")
            try root.setTimes(at: "", modified: time)
        }
        try snapshots.make("b", on: "a") { _ in }
        let root = try snapshots.open("b")
        #expect(try root.metadata().mode == 0o711)
        #expect(try root.extendedAttribute("user.kept", at: "") == [1])
        #expect(try root.metadata().modified == time)
        #expect(try snapshots.changes(in: SnapshotID("a")).includesRoot)
        #expect(try !snapshots.changes(in: SnapshotID("b")).includesRoot)
    }

    @Test(arguments: SnapshotterContract.usable)
    func longStorePathsWork(_ contract: SnapshotterContract) throws {
        // fsconfig takes no more than 255 bytes a value.
        let deep = temporary.path.appending(String(repeating: "n", count: 200)).appending(String(repeating: "m", count: 200))
        let snapshots = contract.make(deep)
        try snapshots.make("a") { try $0.writeFile([1], at: "f") }
        try snapshots.make("b", on: "a") { try $0.remove("f") }
        #expect(try !snapshots.open("b").exists("f"))
    }

    @Test(arguments: SnapshotterContract.usable)
    func manyWritersDoNotDisturbEachOther(_ contract: SnapshotterContract) throws {
        let store = store
        try contract.make(store).make("base") { try $0.writeFile([0], at: "f") }
        try BlockingPool.forEach(count: 24, width: 6) { index in
            let snapshots = contract.make(store)
            let snapshot = try snapshots.prepare(on: try SnapshotID("base"))
            try snapshot.root.open().writeFile([UInt8(index)], at: "f")
            if index.isMultiple(of: 3) { try snapshots.recover() }
            if index.isMultiple(of: 4) { return try snapshots.discard(snapshot) }
            // Three writers for each name.
            try snapshots.commit(snapshot, as: SnapshotID("n\(index / 4)"))
        }
        let snapshots = contract.make(store)
        #expect(try snapshots.list().map(\.name) == ["base"] + (0..<6).map { "n\($0)" })
        #expect(try Directory(opening: store.appending("active")).entries().isEmpty)
    }
}
