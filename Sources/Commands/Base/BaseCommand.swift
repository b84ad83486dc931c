package import ArgumentParser

/// `jettison base`.
package struct BaseCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Make base images from Debian's packages.",
        discussion: "Example: jettison base create -t debian:bookworm-slim", subcommands: [BaseCreate.self])
    package init() {}
}
