import Archives
import ContentStorage
import HostSystem
import SystemPackage

extension BaseMaking {
    /// apt chooses and downloads; the packages' files become the layer.
    func assemble() async throws -> MadeRoot {
        var wanted = request.packages
        if request.variant == .busybox { wanted.insert("busybox-static", at: 0) }
        let apt = try AptWorkspace(in: work.directory, sources: sources, settings: settings, tool: tool)
        say("reading which packages there are")
        try await apt.update(report: tell)
        say("downloading packages")
        let paths = try await apt.download(wanted, report: tell)
        let baseFiles = try await apt.download(withoutDependencies: "base-files", report: tell)
        let archives = try await BlockingPool.run { try paths.map { try PackageArchive(opening: $0) } }
        let closure = PackageClosure(archives.map(\.control))
        let kept = Set(closure.kept(roots: wanted.map { PackageClosure.name(in: $0) }))
        var root = PackagedRoot(
            packages: archives.filter { kept.contains($0.name) }.sorted { $0.name < $1.name },
            baseFiles: try PackageArchive(opening: baseFiles), keepsDocumentation: request.keepsDocumentation)
        if request.variant == .busybox { root.applets = try await applets(of: root) }
        say("writing the layer")
        return try await BlockingPool.run { [root] in try write(root) }
    }

    private func write(_ root: PackagedRoot) throws -> MadeRoot {
        let newest = request.sourceDateEpoch ?? root.packages.map(\.built).max() ?? 0
        var (writer, ingest) = try newLayer(newest: newest)
        try root.write(to: &writer)
        return MadeRoot(
            layer: UncommittedLayer(written: try writer.finish(), ingest: ingest), newest: newest,
            packages: root.packages.compactMap { InstalledPackage($0.control) },
            release: OSRelease(try root.identityFile("usr/lib/os-release")),
            debianVersion: String(try root.identityFile("etc/debian_version").prefix { !$0.isWhitespace }),
            hasCertificateBundle: writer.contains(ContainerFiles.certificateBundle), notes: [])
    }

    /// Paths of the links that busybox says it can be called by, `usr/bin/env` and the like.
    private func applets(of root: PackagedRoot) async throws -> [String] {
        let work = work
        let program = try await BlockingPool.run { () throws -> FilePath in
            guard let package = root.packages.first(where: { $0.name == "busybox-static" }) else {
                throw BaseError.badArchive("busybox-static was not downloaded")
            }
            var tar = try package.files()
            while let entry = try tar.next() {
                guard entry.kind == .file, entry.path.lastComponent?.string == "busybox" else { continue }
                return try work.write(tar.content(of: entry, limit: 64 << 20), to: "busybox", mode: 0o755)
            }
            throw BaseError.badArchive("busybox-static has no busybox")
        }
        let output = try await tool.run(program, ["--list-full"])
        if let failure = output.failure {
            throw BaseError.failed(program: "busybox", exit: failure, lastLines: output.errorLines.suffix(4).map { $0 })
        }
        return output.standardOutput.split(separator: "\n").map(String.init).filter { path in
            path.contains("/") && !path.hasSuffix("/busybox")
        }.sorted()
    }
}
