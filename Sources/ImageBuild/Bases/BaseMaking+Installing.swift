import Archives
import ContentStorage
import HostSystem
import SystemPackage

extension BaseMaking {
    /// mmdebstrap installs; its tar becomes the layer as it comes.
    func install() async throws -> MadeRoot {
        var notes: [String] = []
        var packages = request.packages
        if sources.needCertificates, !packages.contains(where: { PackageClosure.name(in: $0) == "ca-certificates" }) {
            packages.append("ca-certificates")
            notes.append("ca-certificates was added: an apt source is reached over https")
        }
        try work.write(sources.text, to: "base.sources")
        try work.write(settings.text, to: "apt.conf")
        let call = Mmdebstrap(
            suite: suite, architecture: settings.architecture, packages: packages,
            keepsDocumentation: request.keepsDocumentation, isRoot: tool.environment.isRoot,
            sources: work.path.appending("base.sources"), settings: work.path.appending("apt.conf"),
            newest: work.path.appending("newest"))
        say("reading which packages there are")
        let program = try tool.locate("mmdebstrap", from: "mmdebstrap")
        let keyrings = readKeyrings()
        let (result, lines, failure) = try await tool.stream(program, call.arguments, report: tell) { reader in
            try writeInstalled(reader, keyrings: keyrings)
        }
        // What stopped us explains why mmdebstrap got a broken pipe, not the other way round.
        if case .failure(let error) = result, !(error is EmptyArchive) { throw error }
        if let failure { throw await diagnose(lines, exit: failure) }
        var made = try result.get()
        made.notes += notes
        return made
    }

    private func writeInstalled(_ reader: ByteQueue.Reader, keyrings: [String: [UInt8]]) throws -> MadeRoot {
        // The first byte says that everything is installed, and so that the newest package's date is known.
        var reader = reader
        guard reader.waitForBytes() else { throw EmptyArchive() }
        let newest = try request.sourceDateEpoch ?? work.readNumber("newest")
        var (writer, ingest) = try newLayer(newest: newest)
        var tar = TarReader(reader)
        let root = InstalledRoot(
            sources: sources, keepsDocumentation: request.keepsDocumentation, newest: newest, keyrings: keyrings)
        let facts = try root.copy(&tar, to: &writer)
        return MadeRoot(
            layer: UncommittedLayer(written: try writer.finish(), ingest: ingest), newest: newest, packages: facts.packages,
            release: facts.release, debianVersion: facts.debianVersion,
            hasCertificateBundle: writer.contains(ContainerFiles.certificateBundle), notes: [])
    }

    /// The keys that our sources name, for packages that do not bring them.
    private func readKeyrings() -> [String: [UInt8]] {
        var keyrings: [String: [UInt8]] = [:]
        for path in sources.keyrings { keyrings[path] = try? host.readFile(at: FilePath(path), limit: 4 << 20) }
        return keyrings
    }

    private func diagnose(_ lines: [String], exit: String) async -> any Error {
        var names: [String] = []
        if lines.contains(where: { $0.contains("Unable to locate") || $0.contains("no installation candidate") }),
            let cache = try? tool.locate("apt-cache", from: "apt"),
            let output = try? await tool.run(cache, ["pkgnames"])
        {
            names = output.standardOutput.split(separator: "\n").map(String.init)
        }
        return AptFailure.diagnose(program: "mmdebstrap", exit: exit, lines: lines) { names }
    }
}

/// Nothing came: the program failed before it wrote, and says why.
private struct EmptyArchive: Error {}
