/// Why a step was not cached: the first part of its key that differs from the latest record of the same title.
package struct MissExplanation: Sendable, Hashable {
    package let reason: String

    init(key: CacheKey, latest: CacheRecord?) {
        guard let latest else {
            reason = "first build of this step"
            return
        }
        if latest.key == key.digest {
            reason = "the step below it ran again"
            return
        }
        reason = Self.difference(between: latest.parts, and: key.parts)
    }

    init(_ reason: String) { self.reason = reason }

    private static func difference(between old: [CacheKey.Part], and new: [CacheKey.Part]) -> String {
        for name in ["format", "platform", "argument", "environment", "working directory", "user", "network", "mount", "host"] {
            let before = old.filter { $0.name == name }.map(\.value)
            let after = new.filter { $0.name == name }.map(\.value)
            guard before != after else { continue }
            if name == "environment" { return environmentDifference(before, after) }
            return "\(name) changed"
        }
        for name in ["source", "exclude", "inline file", "inline content", "destination", "owner", "mode", "unpack"] {
            if old.filter({ $0.name == name }) != new.filter({ $0.name == name }) { return "\(name) changed" }
        }
        if old.filter({ $0.name == "base image" }) != new.filter({ $0.name == "base image" }) {
            return "the base image moved"
        }
        if old.filter({ $0.name == "files" }) != new.filter({ $0.name == "files" }) {
            let isRun = new.contains { $0.name == "operation" && $0.value == "run" }
            return isRun ? "the mounted files changed" : "the copied files changed"
        }
        if old.filter({ $0.name == "fetched" }) != new.filter({ $0.name == "fetched" }) { return "what it fetches changed" }
        return "the step below it changed"
    }

    private static func environmentDifference(_ before: [String], _ after: [String]) -> String {
        func values(_ entries: [String]) -> [String: String] {
            var result: [String: String] = [:]
            for entry in entries {
                let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                result[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
            }
            return result
        }
        let (old, new) = (values(before), values(after))
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
        guard let name = names.first else { return "the order of the environment changed" }
        switch (old[name], new[name]) {
        case (nil, _): return "\(name) is new"
        case (_, nil): return "\(name) is gone"
        case (let old?, let new?): return "\(name) changed: \(old.prefix(60)) → \(new.prefix(60))"
        }
    }
}
