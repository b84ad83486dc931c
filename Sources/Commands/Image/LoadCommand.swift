package import ArgumentParser
import ContentStorage
import HostSystem
import OCI
import SystemPackage

/// `jettison load`.
package struct LoadCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Bring images from an archive into the store.",
        discussion:
            "Takes docker archives, OCI archives and OCI layout directories, compressed or not.\n\nExample: jettison load -i app.tar"
    )

    @OptionGroup var global: GlobalOptions
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp("The archive or directory; standard input without.", valueName: "file"))
    var input: String?
    @Flag(name: [.customShort("q"), .long], help: "Print nothing but the names.")
    var quiet = false

    package init() {}

    package func run() async throws {
        let command = self
        let access = ImageAccess(root: global.root)
        let lines = try await BlockingPool.run { try command.load(access) }
        try StandardStream.output.write(lines.map { $0 + "\n" }.joined())
    }

    func load(_ access: ImageAccess) throws -> [String] {
        let lease = try Lease(root: access.root)
        defer { withExtendedLifetime(lease) {} }
        let paths = access.images.content.paths
        let archive: ImageArchive
        if let input, input != "-" {
            archive = try ImageArchive(opening: FilePath(input), spoolingInto: paths)
        } else {
            guard Terminal(descriptor: 0) == nil else {
                throw UsageError(
                    "an archive does not come from a terminal", help: "give a file with -i, or redirect standard input")
            }
            archive = try ImageArchive(
                reading: PipeReader(.standardInput), name: "standard input", spoolingInto: paths)
        }
        let loaded = try archive.load(into: access.images) { note in
            try? StandardStream.error.line("warning: " + note)
        }
        return loaded.flatMap { image -> [String] in
            if image.names.isEmpty { return ["Loaded image ID: \(image.id ?? image.target.digest)"] }
            return image.names.map { "Loaded image: " + $0.familiar }
        }
    }
}
