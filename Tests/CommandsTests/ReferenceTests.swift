import ArgumentParser
import Diagnostics
import SystemPackage
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

/// Documentation/cli.md is written by hand: it must not forget a command.
struct DocumentationTests {
    @Test func everyCommandIsListed() throws {
        let page = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("Documentation/cli.md")
        let text = try DockerfileText.read(page.string).text
        for path in Self.leaves(of: Root.self, path: "jettison") {
            #expect(text.contains("`\(path)"), "\(path) is not in Documentation/cli.md")
        }
    }

    private static func leaves(of command: any ParsableCommand.Type, path: String) -> [String] {
        let below = command.configuration.subcommands
        return below.isEmpty ? [path] : below.flatMap { leaves(of: $0, path: path + " " + $0._commandName) }
    }
}
