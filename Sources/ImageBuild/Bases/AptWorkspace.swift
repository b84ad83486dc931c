import HostSystem
import SystemPackage

/// apt in a world of its own: sources we choose, no installed packages, lists and downloads below one directory. The
/// host's own lists, cache and lock are not touched. Proxies, keys and credentials are the host's.
struct AptWorkspace: Sendable {
    /// Where everything is; also the place for files of ours.
    let path: FilePath
    let tool: HostTool
    private let apt: FilePath

    /// Lays out the directories and writes apt's configuration.
    init(in directory: TemporaryDirectory, sources: AptSources, settings: AptSettings, tool: HostTool) throws {
        path = directory.path.appending("apt")
        apt = try tool.locate("apt-get", from: "apt")
        let root = directory.directory
        for part in ["etc/apt/sources.list.d", "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/lib/dpkg"] {
            _ = try root.createDirectories(at: FilePath("apt").appending(part), mode: 0o755)
        }
        try root.createFile(at: "apt/var/lib/dpkg/status").write([])
        try root.createFile(at: "apt/etc/apt/sources.list.d/base.sources").write(Array(sources.text.utf8))
        let configuration = """
            Dir "\(path)";
            Dir::Etc::Trusted "/etc/apt/trusted.gpg";
            Dir::Etc::TrustedParts "/etc/apt/trusted.gpg.d";
            APT::Architecture "\(settings.architecture)";
            APT::Architectures "\(settings.architecture)";
            APT::Install-Recommends "false";
            APT::Sandbox::User "root";
            Acquire::Languages "none";

            """
        try root.createFile(at: "apt/apt.conf").write(Array((configuration + settings.text).utf8))
        var tool = tool
        tool.variables["APT_CONFIG"] = path.appending("apt.conf").string
        self.tool = tool
    }

    func update(report: @escaping @Sendable (String) -> Void) async throws {
        try await run(apt, ["update", "--error-on=any", "-q"], report: report)
    }

    /// Downloads packages and what they depend on; returns the archives, sorted by name.
    func download(_ packages: [String], report: @escaping @Sendable (String) -> Void) async throws -> [FilePath] {
        try await run(apt, ["install", "--yes", "--download-only", "-q", "--"] + packages, report: report)
        let archives = path.appending("var/cache/apt/archives")
        return try Directory(opening: archives).entries().map(\.name.string).filter { $0.hasSuffix(".deb") }.sorted()
            .map { archives.appending($0) }
    }

    /// Downloads one package alone.
    func download(withoutDependencies package: String, report: @escaping @Sendable (String) -> Void) async throws -> FilePath {
        let place = path.appending("alone")
        _ = try Directory(opening: path).createDirectory(at: "alone")
        try await run(apt, ["download", "-q", "--", package], in: place, report: report)
        let names = try Directory(opening: place).entries().map(\.name.string).filter { $0.hasSuffix(".deb") }
        guard let name = names.first else { throw BaseError.badArchive("apt-get did not download \(package)") }
        return place.appending(name)
    }

    private func run(
        _ program: FilePath, _ arguments: [String], in place: FilePath = "/", report: @escaping @Sendable (String) -> Void
    ) async throws {
        let output = try await tool.run(program, arguments, in: place, report: report)
        guard let failure = output.failure else { return }
        let lines = output.standardOutput.split(separator: "\n").map(String.init) + output.errorLines
        let names = (try? await packageNames()) ?? []
        throw AptFailure.diagnose(program: "apt-get", exit: failure, lines: lines) { names }
    }

    /// Every package apt knows of.
    func packageNames() async throws -> [String] {
        let cache = try tool.locate("apt-cache", from: "apt")
        return try await tool.run(cache, ["pkgnames"]).standardOutput.split(separator: "\n").map(String.init)
    }
}

/// What of the host's apt configuration holds while a base is made: how to reach archives, and what to trust.
struct AptSettings: Sendable {
    var architecture: String
    /// Lines of an apt configuration file.
    var text: String

    static func read(with tool: HostTool, architecture: String) async throws -> AptSettings {
        let program = try tool.locate("apt-config", from: "apt")
        let dump = try await tool.run(program, ["dump"]).standardOutput
        return AptSettings(architecture: architecture, text: Self.carried(from: dump))
    }

    /// Lines look like `Acquire::http::Proxy "http://proxy:3128";`. A list has a line of its own before its elements.
    static func carried(from dump: String) -> String {
        let lines = dump.split(separator: "\n").filter { line in
            carriedPrefixes.contains { line.hasPrefix($0) } && !line.hasSuffix(" \"\";")
        }
        let credentials = [
            "Dir::Etc::netrc \"/etc/apt/auth.conf\";", "Dir::Etc::netrcparts \"/etc/apt/auth.conf.d\";",
        ]
        return (lines.map(String.init) + credentials).joined(separator: "\n") + "\n"
    }

    private static let carriedPrefixes = [
        "Acquire::http", "Acquire::https", "Acquire::ftp", "Acquire::tor", "Acquire::Check-Valid-Until", "Acquire::Check-Date",
        "Acquire::Retries", "Acquire::ForceIPv", "Acquire::Allow", "Acquire::By-Hash", "Acquire::Queue-Mode",
        "APT::Authentication", "APT::Get::AllowUnauthenticated",
    ]
}
