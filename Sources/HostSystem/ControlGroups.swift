import CHost
package import SystemPackage

/// Where this process may make control groups, and the groups it makes. A group tells the kernel's out-of-memory kills
/// from others, limits memory, and keeps a container away from the machine's devices.
package struct ControlGroups: Sendable {
    package enum Mode: String, Sendable, Codable { case none, version1, hybrid, version2 }

    /// A mounted hierarchy and this process's own group in it.
    package struct Hierarchy: Sendable, Hashable {
        package var controllers: [String]
        package var mountPoint: FilePath
        package var group: FilePath
    }

    package let mode: Mode
    /// Version 1 ones by controller.
    let version1: [String: Hierarchy]
    package let version2: Hierarchy?

    /// As /proc/self/mountinfo and /proc/self/cgroup say (cgroups(7)).
    package static func ofThisProcess() -> ControlGroups {
        func text(_ path: FilePath) -> String {
            String(decoding: (try? File(opening: path).readAll(limit: 4 << 20)) ?? [], as: UTF8.self)
        }
        return ControlGroups(mounts: text("/proc/self/mountinfo"), membership: text("/proc/self/cgroup"))
    }

    init(mounts: String, membership: String) {
        var paths: [String: String] = [:]
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(controller)] = String(fields[2])
            }
        }
        var version1: [String: Hierarchy] = [:]
        var version2: Hierarchy?
        for line in mounts.split(separator: "\n") {
            guard let mount = Self.mount(line) else { continue }
            if mount.type == "cgroup2", let path = paths[""] {
                version2 = Hierarchy(
                    controllers: [], mountPoint: mount.point, group: mount.place(path))
            } else if mount.type == "cgroup" {
                let names = mount.options.filter { paths[$0] != nil }
                guard let first = names.first, let path = paths[first] else { continue }
                let found = Hierarchy(controllers: names, mountPoint: mount.point, group: mount.place(path))
                for name in names { version1[name] = found }
            }
        }
        self.version1 = version1
        self.version2 = version2
        mode =
            switch (version1.isEmpty, version2 == nil) {
            case (true, true): .none
            case (true, false): .version2
            case (false, true): .version1
            case (false, false): .hybrid
            }
    }

    private struct Mount {
        var root: String
        var point: FilePath
        var type: String
        var options: [String]
        /// The directory of a group, whose path is given from the hierarchy's root, below the mount point.
        func place(_ group: String) -> FilePath {
            var inner = Substring(group)
            if root != "/", group == root || group.hasPrefix(root + "/") { inner = group.dropFirst(root.utf8.count) }
            return point.pushing(FilePath(String(inner.drop { $0 == "/" })))
        }
    }

    private static func mount(_ line: Substring) -> Mount? {
        let halves = line.split(separator: " - ", maxSplits: 1)
        guard halves.count == 2 else { return nil }
        let left = halves[0].split(separator: " ")
        let right = halves[1].split(separator: " ")
        guard left.count > 4, right.count > 2 else { return nil }
        return Mount(
            root: String(left[3]), point: FilePath(String(left[4])), type: String(right[0]),
            options: right[2].split(separator: ",").map(String.init))
    }

    /// A mount of version 2 beside version 1: crun 1.8 stops when it sees controllers there.
    package var unifiedMountOfHybrid: FilePath? { mode == .hybrid ? version2?.mountPoint : nil }

    /// Where the hierarchies are mounted.
    package var mountPoints: [FilePath] {
        var points: [FilePath] = []
        for hierarchy in Array(version1.values) + [version2].compactMap({ $0 })
        where !points.contains(hierarchy.mountPoint) { points.append(hierarchy.mountPoint) }
        return points.sorted { $0.string < $1.string }
    }

    /// Whether the memory of a step could be limited and its end by lack of memory be told.
    package var memoryGroup: FilePath? {
        if let memory = version1["memory"] { return Self.isWritable(memory.group) ? memory.group : nil }
        return version2Parent
    }

    private static func isWritable(_ path: FilePath) -> Bool {
        path.withPlatformString { chost_is_writable($0) }
    }

    /// The group below which a version 2 group with a memory controller can be made: our own when nothing lives in it,
    /// else the one above it, else the top. Version 2 knows no group with both processes and controlled children.
    var version2Parent: FilePath? {
        guard let version2 else { return nil }
        var candidates = [version2.group]
        if version2.group != version2.mountPoint { candidates.append(version2.group.removingLastComponent()) }
        candidates.append(version2.mountPoint)
        return candidates.first { candidate in
            guard Self.isWritable(candidate), let directory = try? Directory(opening: candidate) else { return false }
            if Self.words(directory, "cgroup.subtree_control").contains("memory") { return true }
            guard Self.words(directory, "cgroup.controllers").contains("memory") else { return false }
            return (try? directory.openFile(at: "cgroup.subtree_control", options: .write).write(Array("+memory".utf8)))
                != nil
        }
    }

    private static func words(_ directory: Directory, _ file: FilePath) -> [Substring] {
        let bytes = (try? directory.openFile(at: file).readAll(limit: 1 << 16)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    }

    /// Where groups for containers are made, with the controller that makes it worth it.
    var places: [(parent: FilePath, controller: String)] {
        var found: [(parent: FilePath, controller: String)] = []
        for controller in ["memory", "devices"] {
            guard let group = version1[controller]?.group, Self.isWritable(group) else { continue }
            found.append((group, controller))
        }
        if version1["memory"] == nil, let parent = version2Parent { found.append((parent, "")) }
        return found
    }

    /// For whoever has to clean up after a dead process.
    package var parents: [FilePath] { places.map(\.parent) }

    /// A new group for containers; nil when no hierarchy can be written.
    package func makeGroup(named name: String) throws(SystemError) -> ControlGroup? {
        let places = places
        return places.isEmpty ? nil : try ControlGroup(name: FilePath(name), places: places)
    }

    /// Removes what a dead process left: its groups below `parents`, whose names begin with `prefix`.
    package static func removeGroups(below parents: [FilePath], prefix: String) {
        for parent in parents {
            guard let directory = try? Directory(opening: parent), let entries = try? directory.entries() else {
                continue
            }
            for entry in entries where entry.kind == .directory && entry.name.string.hasPrefix(prefix) {
                remove(FilePath(root: nil, [entry.name]), in: directory)
            }
        }
    }

    /// What the names of all our groups begin with; the process's number follows.
    package static let prefix = "jettison-"

    /// Removes empty groups of processes that are gone and whose records are gone as well, as those of a store that
    /// was deleted after a crash. A group with anybody in it cannot be removed.
    package func removeOrphans() {
        for parent in parents {
            guard let directory = try? Directory(opening: parent), let entries = try? directory.entries() else {
                continue
            }
            for entry in entries where entry.kind == .directory && entry.name.string.hasPrefix(Self.prefix) {
                let owner = entry.name.string.dropFirst(Self.prefix.utf8.count).prefix { $0 != "-" }
                guard let number = Int32(owner), number > 0,
                    (try? FileMetadata(at: FilePath("/proc/\(number)"))) == nil
                else { continue }
                try? directory.removeDirectory(FilePath(root: nil, [entry.name]))
            }
        }
    }

    /// Groups in the group first: a runtime may have made some.
    static func remove(_ name: FilePath, in parent: Directory) {
        if let directory = try? parent.directory(at: name, followLast: false), let entries = try? directory.entries() {
            for entry in entries where entry.kind == .directory {
                remove(FilePath(root: nil, [entry.name]), in: directory)
            }
        }
        // A process that was just killed may be leaving still.
        for _ in 0..<50 {
            do { return try parent.removeDirectory(name) } catch {
                guard error.code == .resourceBusy else { return }
                SystemThread.sleep(milliseconds: 2)
            }
        }
    }
}

/// A control group for containers: a directory in each hierarchy that matters. Removed on deinit; must be empty then.
package final class ControlGroup: Sendable {
    private struct Place: Sendable {
        var parent: Directory
        /// "" for version 2.
        var controller: String
        var directory: Directory
    }
    private let name: FilePath
    private let places: [Place]
    /// Whether what is in the group can open its own devices only. Without that nobody in it may make device nodes.
    package let restrictsDevices: Bool

    init(name: FilePath, places: [(parent: FilePath, controller: String)]) throws(SystemError) {
        self.name = name
        var made: [Place] = []
        var restricts = false
        do throws(SystemError) {
            for place in places {
                let parent = try Directory(opening: place.parent)
                try parent.createDirectory(at: name)
                let directory = try parent.directory(at: name, followLast: false)
                made.append(Place(parent: parent, controller: place.controller, directory: directory))
                if Self.restrictDevices(made[made.count - 1]) { restricts = true }
            }
        } catch {
            for place in made { try? place.parent.removeDirectory(name) }
            throw error
        }
        self.places = made
        restrictsDevices = restricts
    }

    deinit { for place in places { ControlGroups.remove(name, in: place.parent) } }

    /// Files through which a thread enters the version 1 parts.
    var threadFiles: [FilePath] {
        places.filter { !$0.controller.isEmpty }.map { $0.directory.path.appending("tasks") }
    }

    /// The version 2 part.
    var unified: Directory? { places.first { $0.controller.isEmpty }?.directory }

    private var memory: Place? { places.first { $0.controller != "devices" } }

    /// More is not given: whoever asks is killed, or waits for pages to be written back. Swap included.
    /// - Returns: whether there is a controller that can.
    package func limitMemory(to bytes: Int64) throws(SystemError) -> Bool {
        guard let memory else { return false }
        let limit = String(max(0, bytes))
        if memory.controller.isEmpty {
            try Self.set("memory.max", limit, in: memory.directory)
            try? Self.set("memory.swap.max", "0", in: memory.directory)
        } else {
            try Self.set("memory.limit_in_bytes", limit, in: memory.directory)
            try? Self.set("memory.memsw.limit_in_bytes", limit, in: memory.directory)
        }
        return true
    }

    /// How many processes in the group the kernel has killed for lack of memory, ever.
    package func outOfMemoryKills() -> Int {
        guard let memory else { return 0 }
        let file: FilePath = memory.controller.isEmpty ? "memory.events" : "memory.oom_control"
        let bytes = (try? memory.directory.openFile(at: file).readAll(limit: 1 << 16)) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    /// What every container may open, as docker has it: its own nodes, no disk and no kernel memory.
    /// - Returns: whether that is so now.
    private static func restrictDevices(_ place: Place) -> Bool {
        switch place.controller {
        case "devices":
            let rules = [
                "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm",
                "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm",
            ]
            guard (try? set("devices.deny", "a", in: place.directory)) != nil else { return false }
            // A rule that the group above does not have either is refused; the others stand.
            for rule in rules { try? set("devices.allow", rule, in: place.directory) }
            return true
        case "":
            guard let readable = try? place.directory.openFile(at: ".") else { return false }
            return chost_restrict_devices(readable.descriptor) == 0
        default: return false
        }
    }

    private static func set(_ file: FilePath, _ value: String, in directory: Directory) throws(SystemError) {
        try directory.openFile(at: file, options: .write).write(Array(value.utf8))
    }
}
