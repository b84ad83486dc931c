/// Where apt gets packages from: the entries of `sources.list` and of `*.sources` files, in deb822 form.
struct AptSources: Sendable, Hashable {
    /// Each has Types, URIs, Suites and, unless a suite ends in a slash, Components (sources.list(5)).
    var entries: [ControlParagraph]

    init(_ entries: [ControlParagraph] = []) { self.entries = entries }

    /// A `*.sources` file. Entries that are switched off or hold no binary packages are left out.
    init(deb822 text: String) {
        entries = ControlFile.parse(text).compactMap { entry in
            guard entry["Enabled"]?.lowercased() != "no", entry.words("Types").contains("deb") else { return nil }
            guard !entry.words("URIs").isEmpty, !entry.words("Suites").isEmpty else { return nil }
            var entry = entry
            entry["Types"] = "deb"
            return entry
        }
    }

    /// A `sources.list` file: `deb [ option=value … ] URI SUITE [COMPONENT …]` a line.
    init(oneLine text: String) {
        entries = text.split(separator: "\n").compactMap { Self.entry(line: $0) }
    }

    private static func entry(line: Substring) -> ControlParagraph? {
        let line = line.prefix { $0 != "#" }
        guard line.hasPrefix("deb"), let blank = line.dropFirst(3).first, blank.isWhitespace || blank == "[" else {
            return nil
        }
        var rest = line.dropFirst(3).drop(while: \.isWhitespace)
        var options: [Substring] = []
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            options = rest[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
            rest = rest[rest.index(after: end)...]
        }
        let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2 else { return nil }
        var entry = ControlParagraph([
            .init(name: "Types", value: "deb"), .init(name: "URIs", value: words[0]),
            .init(name: "Suites", value: words[1]),
        ])
        if words.count > 2 { entry["Components"] = words[2...].joined(separator: " ") }
        for option in options {
            guard let equals = option.firstIndex(of: "="), let name = optionNames[option[..<equals].lowercased()] else {
                continue
            }
            let values = option[option.index(after: equals)...].split(separator: ",")
            entry[name] = values.joined(separator: " ")
        }
        return entry
    }

    /// sources.list(5), "the deb and deb-src types: options".
    private static let optionNames = [
        "arch": "Architectures", "signed-by": "Signed-By", "trusted": "Trusted", "lang": "Languages",
        "check-valid-until": "Check-Valid-Until", "check-date": "Check-Date", "by-hash": "By-Hash",
        "allow-insecure": "Allow-Insecure", "snapshot": "Snapshot",
    ]

    /// Only what belongs to a release: `SUITE` itself, `SUITE-updates`, `SUITE-security`, `SUITE/updates`…
    func restricted(to suite: String, architecture: String) -> AptSources {
        AptSources(
            entries.compactMap { entry in
                let architectures = entry.words("Architectures")
                guard architectures.isEmpty || architectures.contains(architecture) else { return nil }
                let suites = entry.words("Suites").filter {
                    $0 == suite || $0.hasPrefix(suite + "-") || $0.hasPrefix(suite + "/")
                }
                guard !suites.isEmpty else { return nil }
                var entry = entry
                entry["Suites"] = suites.joined(separator: " ")
                return entry
            })
    }

    /// Releases that entries name, without `-updates` and the like; sorted, each once.
    var suites: [String] {
        let names = entries.flatMap { $0.words("Suites") }.map { suite in
            String(suite.prefix { $0 != "-" && $0 != "/" })
        }
        return Set(names).filter { !$0.isEmpty }.sorted()
    }

    /// Files that entries name as keys.
    var keyrings: [String] {
        Set(entries.flatMap { $0.words("Signed-By") }.filter { $0.hasPrefix("/") }).sorted()
    }

    /// Whether apt needs certificate authorities to reach one of them.
    var needCertificates: Bool {
        entries.flatMap { $0.words("URIs") }.contains { $0.hasPrefix("https:") || $0.hasPrefix("mirror+https:") }
    }

    /// As a `*.sources` file.
    var text: String { entries.map(\.text).joined(separator: "\n") }
}
