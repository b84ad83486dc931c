package import ArgumentParser

/// `jettison image`: the longer spellings.
package struct ImageGroup: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Work with images.", discussion: "Example: jettison image ls",
        subcommands: [
            ImageListCommand.self, ImageRemoveCommand.self, InspectCommand.self, HistoryCommand.self, TagCommand.self,
            PullCommand.self, PushCommand.self, SaveCommand.self, LoadCommand.self, ImagePruneCommand.self,
        ])
    package init() {}
}
