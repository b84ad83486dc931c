/// What becomes of each file of a freshly installed Debian root on its way into a base image: what differs from one
/// installation to the next, belongs to the machine it was made on, or only fills caches does not come along.
struct RootNormalizer: Sendable {
    enum Verdict: Sendable, Hashable {
        case keep
        case drop
        /// The file stays, without its content.
        case empty
        /// `/etc/shadow`: the day of the last change becomes the image's own.
        case shadow
    }

    static func verdict(on path: String, isDirectory: Bool) -> Verdict {
        if dropped.contains(path) || path.hasSuffix(".dpkg-old") { return .drop }
        if droppedContents.contains(where: { path.hasPrefix($0) }) { return .drop }
        if isDirectory { return .keep }
        if emptied.contains(where: { path.hasPrefix($0) }) { return .drop }
        if path.hasPrefix("var/log/") {
            return path.hasSuffix(".log") || path.dropFirst(8).contains("/") ? .drop : .empty
        }
        if path.hasPrefix("var/lib/dpkg/") || path.hasPrefix("var/cache/debconf/"), path.hasSuffix("-old") { return .drop }
        switch path {
        case "etc/machine-id": return .empty
        case "etc/shadow": return .shadow
        default: return .keep
        }
    }

    private static let dropped: Set<String> = [
        // The machine's.
        "etc/hostname", "etc/resolv.conf", "etc/.pwd.lock", "var/lib/dbus/machine-id", "var/lib/systemd/random-seed",
        "var/lib/dpkg/lock", "var/lib/dpkg/lock-frontend", "var/lib/dpkg/triggers/Lock",
        // apt makes them when it needs them, for a user that depends on who ran it.
        "var/lib/apt/lists/partial", "var/lib/apt/lists/auxfiles", "var/cache/apt/archives/partial",
        // Copies from before the last change.
        "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-", "etc/subgid-",
        // Written anew: see `ContainerFiles`.
        "etc/apt/sources.list", "etc/apt/sources.list~", "etc/apt/apt.conf.d/99mmdebstrap",
        "etc/dpkg/dpkg.cfg.d/99mmdebstrap", "usr/sbin/policy-rc.d",
    ]
    private static let droppedContents = [
        "dev/", "proc/", "sys/", "tmp/", "var/tmp/", "var/cache/ldconfig/", "etc/apt/sources.list.d/", "var/lib/apt/mirrors/",
    ]
    /// Directories below these stay, with their owners.
    private static let emptied = ["run/", "var/lib/apt/lists/", "var/cache/apt/"]

    /// `/etc/shadow` with the third field, the day of the last change, set to `day` (shadow(5)).
    static func shadow(_ text: String, day: Int64) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count > 2, !fields[2].isEmpty else { return String(line) }
            fields[2] = String(day)
            return fields.joined(separator: ":")
        }.joined(separator: "\n")
    }
}
