import SystemPackage
import Testing

@testable import HostSystem

struct ControlGroupsTests {
    struct Case: Sendable {
        var mounts: String
        var membership: String
        var mode: ControlGroups.Mode
        var memory: String?
        var unified: String?
    }

    @Test(arguments: [
        Case(mounts: "", membership: "", mode: .none),
        Case(
            mounts: "30 20 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
            membership: "0::/user.slice/user-0.slice/session-1.scope\n", mode: .version2,
            unified: "/sys/fs/cgroup/user.slice/user-0.slice/session-1.scope"),
        Case(
            mounts: "31 30 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                + "32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                + "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
            membership: "3:cpu,cpuacct:/a\n2:memory:/b/c\n1:name=systemd:/x\n0::/u\n", mode: .hybrid,
            memory: "/sys/fs/cgroup/memory/b/c", unified: "/sys/fs/cgroup/unified/u"),
        // In a container without a cgroup namespace the mount shows a part of the tree.
        Case(
            mounts: "31 30 0:27 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
            membership: "2:memory:/docker/abc/inner\n", mode: .version1, memory: "/sys/fs/cgroup/memory/inner"),
        Case(mounts: "nonsense\n1 2 - x\n", membership: "a:b\n::\n", mode: .none),
    ])
    func reads(_ test: Case) {
        let groups = ControlGroups(mounts: test.mounts, membership: test.membership)
        #expect(groups.mode == test.mode)
        #expect(groups.version1["memory"]?.group.string == test.memory)
        #expect(groups.version2?.group.string == test.unified)
        #expect((groups.unifiedMountOfHybrid != nil) == (test.mode == .hybrid))
    }

    /// A version 2 tree as plain files: enough for the choice of a place.
    @Test func aVersion2GroupIsMadeBesideOurs() throws {
        let temporary = try TemporaryDirectory()
        let slice = try temporary.directory.createDirectories(at: "a.slice")
        _ = try slice.createDirectories(at: "b.scope")
        for (file, text) in [("cgroup.controllers", "memory pids"), ("cgroup.subtree_control", "memory")] {
            try slice.writeFile(Array(text.utf8), at: FilePath(file))
        }
        let groups = ControlGroups(
            mounts: "1 2 0:3 / \(temporary.path) rw - cgroup2 cgroup2 rw\n", membership: "0::/a.slice/b.scope\n")
        #expect(groups.memoryGroup == temporary.path.appending("a.slice"))
        #expect(groups.parents == [temporary.path.appending("a.slice")])
        #expect(groups.writableControllers == ["memory", "pids"])
    }

    @Test(
        .enabled(
            if: HostIdentity.isRoot && !ControlGroups.ofThisProcess().parents.isEmpty, "needs writable control groups"))
    func aGroupGoesWithItsSpawner() throws {
        let groups = ControlGroups.ofThisProcess()
        let name = "jettison-\(HostIdentity.process)-test\(UInt32.random(in: 0...9_999_999))"
        func exists() -> Bool { groups.parents.contains { (try? FileMetadata(at: $0.appending(name))) != nil } }
        do {
            let spawner = try Spawner(in: groups.makeGroup(named: name))
            #expect(exists())
            var text: [UInt8] = []
            let cat = ContainerSpawn("/bin/cat", arguments: ["cat", "/proc/self/cgroup"])
            let exit = try spawner.run(cat, cancellation: SpawnCancellation()) { text += $1 }
            #expect(exit == .exited(0))
            #expect(String(decoding: text, as: UTF8.self).contains("/\(name)\n"))
        }
        #expect(!exists())
    }

    @Test(
        .enabled(
            if: HostIdentity.isRoot && !ControlGroups.ofThisProcess().parents.isEmpty, "needs writable control groups"))
    func groupsOfTheDeadAreRemoved() throws {
        let groups = ControlGroups.ofThisProcess()
        let parent = try Directory(opening: #require(groups.parents.first))
        // Numbers of processes end at 4194304 (proc(5), pid_max).
        let names = ["jettison-4999999-x-1", "jettison-\(HostIdentity.process)-x-1"].map { FilePath($0) }
        for name in names { try parent.createDirectory(at: name) }
        defer { for name in names { try? parent.removeDirectory(name) } }
        groups.removeOrphans()
        #expect(names.map { parent.exists($0) } == [false, true])
    }

    @Test(
        .enabled(
            if: HostIdentity.isRoot && ControlGroups.ofThisProcess().version2 != nil, "needs root and a version 2 tree")
    )
    func version2GroupsOpenOnlyAContainersDevices() throws {
        let tree = try #require(ControlGroups.ofThisProcess().version2)
        let name = FilePath("jettison-\(HostIdentity.process)-test\(UInt32.random(in: 0...9_999_999))")
        let spawner = try Spawner(in: ControlGroup(name: name, places: [(tree.group, "")]))
        let temporary = try TemporaryDirectory()
        // The first loop device: there on any Linux, or absent with another errno than the one looked for.
        let script = """
            grep -c \(name.string) /proc/self/cgroup; echo x > /dev/null && head -c 1 /dev/zero | wc -c
            mknod \(temporary.path)/disk b 7 0 && echo made; head -c 1 \(temporary.path)/disk 2>&1 >/dev/null
            """
        var text: [UInt8] = []
        let shell = ContainerSpawn(
            "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/bin:/usr/bin", "LC_ALL=C"])
        _ = try spawner.run(shell, cancellation: SpawnCancellation()) { text += $1 }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        #expect(lines.prefix(3) == ["1", "1", "made"])
        #expect(lines.last?.hasSuffix("Operation not permitted") == true)
    }
}
