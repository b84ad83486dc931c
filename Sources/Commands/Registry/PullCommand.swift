package import ArgumentParser
import ContentStorage
import ImageBuild
import OCI

/// `jettison pull`.
package struct PullCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Bring an image from a registry into the store.",
        discussion: """
            What the store has already is not fetched again. The full name is the last line on standard output.

            Example: jettison pull debian:12-slim
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("What to pull.", valueName: "name[:tag|@digest]")) var name: String
    @Option(help: ArgumentHelp("Pull the image for this platform.", valueName: "os/arch")) var platform: String?
    @Flag(name: .shortAndLong, help: "Print the name and nothing else.") var quiet = false

    package init() {}

    package func run() async throws {
        let reference = try RegistryArguments.reference(name)
        let wanted = try platform.map(RegistryArguments.platform) ?? .host
        let environment = ProcessEnvironment.current.build(global)
        let pulled = try await RegistryArguments.reporting(reference, quiet: quiet) { events in
            guard let pull = ImagePull(environment: environment, events: events) else { throw RegistryArguments.offline }
            return try await pull.pull(reference, platform: wanted)
        }
        if !quiet {
            try StandardStream.output.line("Digest: \(pulled.target.digest)")
            let status = pulled.isNew ? "Downloaded newer image for" : "Image is up to date for"
            try StandardStream.output.line("Status: \(status) \(reference.familiar)")
        }
        try StandardStream.output.line(reference.description)
    }
}

/// `jettison push`.
package struct PushCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Send an image of the store to its registry.",
        discussion: """
            The name says where: REGISTRY/REPOSITORY[:TAG]. What the registry has already is not sent.

            Example: jettison push registry.example/team/app:1.0
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("A name in the store.", valueName: "name[:tag]")) var name: String
    @Flag(name: .shortAndLong, help: "Print the name and nothing else.") var quiet = false

    package init() {}

    package func run() async throws {
        let reference = try RegistryArguments.reference(name)
        guard reference.digest == nil else {
            throw UsageError("\"\(name)\" holds a digest; an image is pushed under a name and a tag")
        }
        let environment = ProcessEnvironment.current.build(global)
        let image = try ImageAccess(root: global.root).resolve(reference.description)
        let pushed = try await RegistryArguments.reporting(reference, quiet: quiet) { events in
            guard let push = ImagePush(environment: environment, events: events) else { throw RegistryArguments.offline }
            return try await push.push(image.target, as: reference)
        }
        try StandardStream.output.line(
            quiet ? reference.description : "\(reference.tag ?? Reference.defaultTag): digest: \(pushed.digest) size: \(pushed.size)")
    }
}
