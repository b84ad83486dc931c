import HostSystem
import SystemPackage

/// What the host says of itself: its release and its apt sources.
struct HostRelease: Sendable {
    /// `bookworm`.
    var suite: String?
    var sources: AptSources

    init(suite: String?, sources: AptSources) {
        self.suite = suite
        self.sources = sources
    }

    /// Reads `/etc/os-release` and `/etc/apt` below `root`. What is missing or unreadable counts as empty.
    init(root: FilePath) throws(SystemError) {
        let host = try Directory(opening: root)
        suite = OSRelease(Self.text(host, "etc/os-release"))["VERSION_CODENAME"]
        sources = AptSources(oneLine: Self.text(host, "etc/apt/sources.list"))
        guard let parts = try? host.directory(at: "etc/apt/sources.list.d"), let entries = try? parts.entries() else { return }
        for name in entries.map(\.name.string).sorted() {
            if name.hasSuffix(".list") { sources.entries += AptSources(oneLine: Self.text(parts, name)).entries }
            if name.hasSuffix(".sources") { sources.entries += AptSources(deb822: Self.text(parts, name)).entries }
        }
    }

    private static func text(_ directory: Directory, _ path: String) -> String {
        (try? directory.readFile(at: FilePath(path), limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The sources for a release, or what is wrong with asking for it.
    func sources(for suite: String, architecture: String) throws(BaseError) -> AptSources {
        let chosen = sources.restricted(to: suite, architecture: architecture)
        guard !chosen.entries.isEmpty else { throw .noSourcesForSuite(suite, known: sources.suites) }
        return chosen
    }

    /// The sources that a named archive makes. Its key is the one that the host trusts for this release.
    func sources(mirror: String, suite: String, architecture: String) -> AptSources {
        var entry = ControlParagraph([
            .init(name: "Types", value: "deb"), .init(name: "URIs", value: mirror), .init(name: "Suites", value: suite),
            .init(name: "Components", value: "main"),
        ])
        let known = sources.restricted(to: suite, architecture: architecture).entries + sources.entries
        if let key = known.lazy.compactMap({ $0["Signed-By"] }).first { entry["Signed-By"] = key }
        return AptSources([entry])
    }
}

/// `/etc/os-release`: NAME=VALUE lines, values quoted as in a shell (os-release(5)).
struct OSRelease: Sendable {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...]
            if let quote = value.first, quote == "\"" || quote == "'", value.last == quote, value.count > 1 {
                value = value.dropFirst().dropLast()
            }
            values[String(line[..<equals])] = String(value)
        }
    }

    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
}
