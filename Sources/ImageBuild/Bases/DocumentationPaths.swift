/// Documentation that a program does not need to run, as debian's slim images leave it out. Copyright files stay.
enum DocumentationPaths {
    /// Each is followed by its exceptions. Patterns as dpkg takes them (dpkg(1), --path-exclude): `*` matches slashes.
    private static let rules: [(excluded: String, kept: [String])] = [
        ("/usr/share/doc/", ["/copyright"]),
        ("/usr/share/man/", []),
        ("/usr/share/info/", []),
        ("/usr/share/locale/", ["/locale.alias"]),
        ("/usr/share/groff/", []),
        ("/usr/share/lintian/", []),
        ("/usr/share/linda/", []),
    ]

    /// Lines for `/etc/dpkg/dpkg.cfg.d`.
    static let dpkgOptions: [String] = rules.flatMap { rule in
        ["path-exclude=\(rule.excluded)*"] + rule.kept.map { "path-include=\(rule.excluded)*\($0)" }
    }

    /// Whether a file or symbolic link is left out; `path` without a leading slash.
    static func excludes(_ path: String) -> Bool {
        let path = "/" + path
        return rules.contains { rule in
            path.hasPrefix(rule.excluded) && !rule.kept.contains { path.hasSuffix($0) }
        }
    }
}
