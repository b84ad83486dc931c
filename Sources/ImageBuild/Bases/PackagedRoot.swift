import Archives
import SystemPackage

/// A root made of packages' files alone: nothing is installed, no script runs. What scripts would have made and a program
/// cannot do without (users, the CA bundle, links into `/usr`) is made here.
struct PackagedRoot {
    /// Packages whose files are in it, in the order in which they are written.
    var packages: [PackageArchive]
    /// Where `/etc/os-release` comes from.
    var baseFiles: PackageArchive
    var keepsDocumentation: Bool
    /// Paths of links to `busybox`, without a leading slash.
    var applets: [String] = []

    func write<Sink: EntrySink>(to writer: inout RootWriter<Sink>) throws {
        for made in ContainerFiles.directories { try writer.directory(made.path, mode: made.mode, owner: made.owner) }
        for name in ContainerFiles.alwaysMerged { try writer.symlink(name, to: "usr/" + name) }
        var certificates: [String: [UInt8]] = [:]
        for package in packages {
            try writeFiles(of: package, to: &writer, &certificates)
            try writer.file("var/lib/dpkg/status.d/" + package.name, package.controlText)
            if let checksums = package.checksums {
                try writer.file("var/lib/dpkg/status.d/" + package.name + ".md5sums", checksums)
            }
        }
        for applet in applets {
            let path = EntryPath.merged(FilePath(applet)).string
            try writer.symlink(path, to: "/bin/busybox")
        }
        try writeIdentity(to: &writer)
        try writeBundle(certificates, to: &writer)
        let shell = applets.isEmpty && !writer.contains("usr/bin/sh") ? "/usr/sbin/nologin" : "/bin/sh"
        for file in ContainerFiles.minimal(shell: shell) { try writer.file(file.path, Array(file.content.utf8), mode: file.mode) }
        // Only some architectures have these.
        for name in ContainerFiles.mergedDirectories where writer.contains("usr/" + name) && !writer.contains(name) {
            try writer.symlink(name, to: "usr/" + name)
        }
    }

    private func writeFiles<Sink: EntrySink>(
        of package: PackageArchive, to writer: inout RootWriter<Sink>, _ certificates: inout [String: [UInt8]]
    ) throws {
        var tar = try package.files()
        while var entry = try tar.next() {
            guard let path = try EntryPath.normalized(entry.path).map(EntryPath.merged) else { continue }
            let name = path.string
            let isDirectory = entry.kind == .directory
            // `lib` itself is a link here.
            if isDirectory, ContainerFiles.mergedDirectories.contains(name) { continue }
            // A directory of documentation is made again when something in it stays.
            if !keepsDocumentation, DocumentationPaths.excludes(isDirectory ? name + "/" : name) { continue }
            entry.path = path
            if case .hardLink(let target) = entry.kind, let inner = try EntryPath.normalized(target) {
                entry.kind = .hardLink(EntryPath.merged(inner))
            }
            if entry.kind == .file, Self.isCertificate(name) {
                let content = try tar.content(of: entry, limit: 1 << 20)
                certificates[name] = content
                try writer.add(entry, content: content)
            } else {
                try writer.copy(entry, from: &tar)
            }
        }
    }

    private static func isCertificate(_ path: String) -> Bool {
        (path.hasPrefix("usr/share/ca-certificates/") || path.hasPrefix("usr/local/share/ca-certificates/"))
            && path.hasSuffix(".crt")
    }

    /// What update-ca-certificates does: all certificates in one file, sorted by path.
    private func writeBundle<Sink: EntrySink>(_ certificates: [String: [UInt8]], to writer: inout RootWriter<Sink>) throws {
        guard !certificates.isEmpty else { return }
        var bundle: [UInt8] = []
        for (_, certificate) in certificates.sorted(by: { $0.key < $1.key }) {
            bundle += certificate
            if bundle.last != 10 { bundle.append(10) }
        }
        try writer.file(ContainerFiles.certificateBundle, bundle)
    }

    /// Which release this is, for programs and for analysers.
    private func writeIdentity<Sink: EntrySink>(to writer: inout RootWriter<Sink>) throws {
        var tar = try baseFiles.files()
        while var entry = try tar.next() {
            guard let path = try EntryPath.normalized(entry.path), Self.identity.contains(path.string) else { continue }
            entry.path = path
            try writer.copy(entry, from: &tar)
        }
    }

    private static let identity: Set<String> = ["usr/lib/os-release", "etc/os-release", "etc/debian_version"]

    /// The content of one of the files that `baseFiles` brings; empty when it has none.
    func identityFile(_ wanted: String) throws -> String {
        var tar = try baseFiles.files()
        while let entry = try tar.next() {
            guard entry.kind == .file, try EntryPath.normalized(entry.path)?.string == wanted else { continue }
            return String(decoding: try tar.content(of: entry, limit: 1 << 20), as: UTF8.self)
        }
        return ""
    }
}
