/// Documentation that a program does not need to run, as debian's slim images leave it out. Copyright files stay.
enum DocumentationPaths {
    /// A directory, and the names in it that stay. As dpkg has it (dpkg(1), --path-exclude), `*` matches slashes too.
    private static let rules: [(directory: String, kept: String?)] = [
        ("/usr/share/doc/", "*/copyright"),
        ("/usr/share/man/", nil),
        ("/usr/share/info/", nil),
        ("/usr/share/locale/", "locale.alias"),
        ("/usr/share/groff/", nil),
        ("/usr/share/lintian/", nil),
        ("/usr/share/linda/", nil),
    ]

    /// Lines for `/etc/dpkg/dpkg.cfg.d`.
    static let dpkgOptions: [String] = rules.flatMap { rule in
        ["path-exclude=\(rule.directory)*"] + (rule.kept.map { ["path-include=\(rule.directory)\($0)"] } ?? [])
    }

    /// Whether a file or symbolic link is left out; `path` without a leading slash.
    static func excludes(_ path: String) -> Bool {
        let path = "/" + path
        return rules.contains { rule in
            guard path.hasPrefix(rule.directory) else { return false }
            guard let kept = rule.kept else { return true }
            return kept.hasPrefix("*") ? !path.hasSuffix(kept.dropFirst()) : path != rule.directory + kept
        }
    }
}
