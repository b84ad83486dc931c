package import ArgumentParser

/// The version of this program.
package enum Version {
    package static let text = "0.1.0"
}

/// `jettison version`.
package struct VersionCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version.", discussion: "Example: jettison version")
    @OptionGroup var global: GlobalOptions

    package init() {}
    package func run() throws { try StandardStream.output.line("jettison " + Version.text) }
}
