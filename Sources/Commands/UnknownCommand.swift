import ArgumentParser
import Diagnostics

/// Says what was probably meant when a word is no command: the parser itself would call it an unexpected argument.
enum UnknownCommand {
    static func check(_ arguments: [String]) throws(UsageError) {
        var command: any ParsableCommand.Type = Root.self
        var path = ["jettison"]
        for word in arguments {
            let below = command.configuration.subcommands
            if below.isEmpty || word.hasPrefix("-") || word == "help" { return }
            if let next = below.first(where: { names(of: $0).contains(word) }) {
                command = next
                path.append(word)
                continue
            }
            // With a default command, the word is its argument.
            if command.configuration.defaultSubcommand != nil { return }
            let known = below.flatMap(names) + ["help"]
            let program = path.joined(separator: " ")
            throw UsageError(
                "\(program) has no command \"\(word)\"",
                help: known.suggestion(for: word) ?? "\"\(program) --help\" lists them")
        }
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }
}
