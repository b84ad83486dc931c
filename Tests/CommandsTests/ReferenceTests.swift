import ArgumentParser
import Testing

@testable import Commands

/// The whole command line as one text: a change of any help text or option is a visible difference.
struct ReferenceTests {
    @Test func everyCommand() throws {
        var text = ""
        Self.describe(Root.self, path: ["jettison"], into: &text)
        try Golden("cli-reference.txt").expect(text)
    }

    private static func describe(_ command: any ParsableCommand.Type, path: [String], into text: inout String) {
        text += "==== " + path.joined(separator: " ") + "\n"
        text += Root.helpMessage(for: command, includeHidden: false, columns: 100) + "\n\n"
        for below in command.configuration.subcommands {
            describe(below, path: path + [below._commandName], into: &text)
        }
    }

    @Test func everyCommandHasAnExample() {
        for command in Root.configuration.subcommands where command.configuration.subcommands.isEmpty {
            #expect(command.configuration.discussion.contains("Example"), "\(command)")
        }
    }
}
