package import ArgumentParser

/// `jettison context`.
package struct ContextCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "context",
        abstract: "Look at the files a build would see.",
        discussion: "Example: jettison context ls --format json .",
        subcommands: [
            ContextListCommand.self,
            ContextWhyCommand.self,
        ])
    package init() {}
}
