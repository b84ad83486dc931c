import SystemPackage

/// How much memory the machine has, and how much of it this process may use.
package struct HostMemory: Sendable, Hashable {
    package var total: Int64
    /// What could be had now without swapping.
    package var available: Int64
    /// The least of the limits that the control groups around this process set.
    package var groupLimit: Int64?

    /// nil where there is no /proc/meminfo.
    package static func now() -> HostMemory? {
        let bytes = (try? File(opening: "/proc/meminfo").readAll(limit: 1 << 20)) ?? []
        var values: [Substring: Int64] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == ":" }
            // In kB (proc_meminfo(5)).
            if words.count > 1, let value = Int64(words[1]) { values[words[0]] = value << 10 }
        }
        guard let total = values["MemTotal"] else { return nil }
        return HostMemory(
            total: total, available: values["MemAvailable"] ?? values["MemFree"] ?? 0,
            groupLimit: ControlGroups.ofThisProcess().memoryLimit)
    }
}

extension ControlGroups {
    /// Of this process's own group and those above it; nil when there is none.
    package var memoryLimit: Int64? {
        guard let hierarchy = version1["memory"] ?? version2 else { return nil }
        let file = hierarchy.controllers.isEmpty ? "memory.max" : "memory.limit_in_bytes"
        var least: Int64?
        var group = hierarchy.group
        while group.starts(with: hierarchy.mountPoint) {
            let bytes = (try? File(opening: group.appending(file)).readAll(limit: 4096)) ?? []
            let text = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
            if let limit = Int64(text), limit < Int64.max / 2 { least = min(least ?? limit, limit) }
            guard group != hierarchy.mountPoint else { break }
            group.removeLastComponent()
        }
        return least
    }
}
