/// Files of our own in base images.
enum ContainerFiles {
    struct File: Sendable, Hashable {
        /// Without a leading slash.
        var path: String
        var content: String
        var mode: UInt32 = 0o644
    }

    /// What makes apt and dpkg behave in a container. Names as in debian's own images, because recipes remove some of
    /// them by name.
    static func debian(sources: AptSources, keepsDocumentation: Bool) -> [File] {
        var files = [
            File(path: "etc/apt/apt.conf.d/docker-clean", content: clean),
            File(path: "etc/apt/apt.conf.d/docker-gzip-indexes", content: "Acquire::GzipIndexes \"true\";\n"),
            File(path: "etc/apt/apt.conf.d/docker-no-languages", content: "Acquire::Languages \"none\";\n"),
            File(
                path: "etc/apt/apt.conf.d/docker-autoremove-suggests",
                content: "Apt::AutoRemove::SuggestsImportant \"false\";\n"),
            File(path: "etc/apt/sources.list.d/debian.sources", content: sources.text),
            File(path: "usr/sbin/policy-rc.d", content: "#!/bin/sh\n# No service is started in a container.\nexit 101\n", mode: 0o755),
        ]
        if !keepsDocumentation {
            let lines = DocumentationPaths.dpkgOptions.joined(separator: "\n") + "\n"
            files.append(File(path: "etc/dpkg/dpkg.cfg.d/docker", content: lines))
        }
        return files
    }

    private static let clean = """
        // What apt keeps for next time would only fill the layer.
        APT::Keep-Downloaded-Packages "false";
        Dir::Cache::pkgcache "";
        Dir::Cache::srcpkgcache "";

        """

    /// The users, groups and lookups of a root without base-files and base-passwd.
    static func minimal(shell: String) -> [File] {
        [
            File(
                path: "etc/passwd",
                content: """
                    root:x:0:0:root:/root:\(shell)
                    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
                    nonroot:x:65532:65532:nonroot:/home/nonroot:\(shell)

                    """),
            File(path: "etc/group", content: "root:x:0:\ntty:x:5:\nstaff:x:50:\nnogroup:x:65534:\nnonroot:x:65532:\n"),
            File(
                path: "etc/nsswitch.conf",
                content: "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\nprotocols: files\n"),
        ]
    }

    struct MadeDirectory: Sendable, Hashable {
        var path: String
        var mode: UInt32 = 0o755
        var owner: UInt32 = 0
    }

    /// Directories that every root has.
    static let directories: [MadeDirectory] = [
        MadeDirectory(path: "dev"), MadeDirectory(path: "etc"), MadeDirectory(path: "home"),
        MadeDirectory(path: "home/nonroot", mode: 0o700, owner: 65532), MadeDirectory(path: "proc", mode: 0o555),
        MadeDirectory(path: "root", mode: 0o700), MadeDirectory(path: "run"), MadeDirectory(path: "sys", mode: 0o555),
        MadeDirectory(path: "tmp", mode: 0o1777), MadeDirectory(path: "usr"), MadeDirectory(path: "usr/bin"),
        MadeDirectory(path: "usr/lib"), MadeDirectory(path: "usr/sbin"), MadeDirectory(path: "var"),
        MadeDirectory(path: "var/lib"), MadeDirectory(path: "var/lib/dpkg"),
        MadeDirectory(path: "var/lib/dpkg/status.d"), MadeDirectory(path: "var/tmp", mode: 0o1777),
    ]

    /// Top-level directories that are links into `/usr` (UsrMerge). A package may still name files through them.
    static let mergedDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]
    /// Of these, the ones that are there even when no package uses them.
    static let alwaysMerged = ["bin", "sbin", "lib"]

    static let searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let certificateBundle = "etc/ssl/certs/ca-certificates.crt"
}
