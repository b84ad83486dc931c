/// Which of the packages that apt chose a root needs that no maintainer script ever runs in.
///
/// apt's own choice is right about versions, alternatives and virtual packages, but it follows dependencies that only
/// maintainer scripts have: debconf for a package that asks a question, openssl for rehashing certificates. Here the
/// walk over Depends and Pre-Depends starts again at the named packages and leaves those out.
struct PackageClosure {
    private var paragraphs: [String: ControlParagraph] = [:]
    private var providers: [String: [String]] = [:]

    init(_ packages: [ControlParagraph]) {
        for package in packages {
            guard let name = package["Package"] else { continue }
            paragraphs[name] = package
            for provided in Self.alternatives(package["Provides"]).joined() {
                providers[provided, default: []].append(name)
            }
        }
    }

    /// Names of the packages to keep, sorted. Roots are kept whatever they are.
    func kept(roots: [String]) -> [String] {
        var kept: Set<String> = []
        var waiting = roots.flatMap { resolve($0) }
        while let name = waiting.popLast() {
            guard let package = paragraphs[name], kept.insert(name).inserted else { continue }
            let groups = Self.alternatives(package["Pre-Depends"]) + Self.alternatives(package["Depends"])
            for group in groups where !serveOnlyScripts(group, of: name) {
                // Every alternative that apt chose stays: it had its reasons.
                waiting += group.flatMap { resolve($0) }.filter { !isEssential($0) }
            }
        }
        return kept.sorted()
    }

    private func resolve(_ name: String) -> [String] {
        paragraphs[name] != nil ? [name] : (providers[name] ?? [])
    }

    private func isEssential(_ name: String) -> Bool { paragraphs[name]?["Essential"]?.lowercased() == "yes" }

    private func serveOnlyScripts(_ group: [String], of package: String) -> Bool {
        group.contains { Self.scriptTools.contains($0) } || group.contains { Self.scriptEdges[package]?.contains($0) ?? false }
    }

    /// Needed to configure packages, not to run what is in them.
    private static let scriptTools: Set<String> = [
        "debconf", "debconf-2.0", "cdebconf", "dpkg", "apt", "ucf", "adduser", "install-info", "init-system-helpers",
        "perl-base", "lsb-base", "usr-is-merged", "usrmerge",
    ]
    /// Dependencies of one package that its scripts alone have.
    private static let scriptEdges: [String: Set<String>] = [
        "ca-certificates": ["openssl"],
    ]

    /// `a (>= 1) | b, c:any [amd64]` → [[a, b], [c]].
    static func alternatives(_ field: String?) -> [[String]] {
        (field ?? "").split(separator: ",").compactMap { group in
            let names = group.split(separator: "|").compactMap { alternative -> String? in
                let word = alternative.drop(while: \.isWhitespace).prefix {
                    !$0.isWhitespace && !"([<:".contains($0)
                }
                return word.isEmpty ? nil : String(word)
            }
            return names.isEmpty ? nil : names
        }
    }

    /// The name in what the user wrote: `bash=5.2`, `bash/bookworm` and `bash:amd64` are all `bash`.
    static func name(in selection: String) -> String { String(selection.prefix { !"=/:".contains($0) }) }
}
