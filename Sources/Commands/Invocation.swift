import ArgumentParser
import HostSystem

/// One run of the program, from its arguments to its exit code.
struct Invocation {
    private let arguments: [String]
    private let environment: ProcessEnvironment

    init(arguments: [String], environment: ProcessEnvironment = .ofThisProcess()) {
        var environment = environment
        self.arguments = Self.takeRoot(from: arguments, into: &environment)
        self.environment = environment
    }

    /// Options that stand before the command's name belong to no command the parser knows: `--root` is the only one.
    private static func takeRoot(from arguments: [String], into environment: inout ProcessEnvironment) -> [String] {
        guard let first = arguments.first else { return arguments }
        if first == "--root", arguments.count > 1, !arguments[1].isEmpty {
            environment.rootOption = arguments[1]
            return Array(arguments.dropFirst(2))
        }
        if first.hasPrefix("--root="), first.utf8.count > 7 {
            environment.rootOption = String(first.dropFirst(7))
            return Array(arguments.dropFirst())
        }
        return arguments
    }

    /// Says on the standard streams what there is to say.
    func perform() async -> ExitCode {
        Interrupts.survivingBrokenPipes()
        let signals = Signals()
        let task = Task { [arguments, environment] in
            try await ProcessEnvironment.$current.withValue(environment) {
                try await Self.run(arguments, signals)
            }
        }
        signals.attach(task)
        do {
            try await task.value
            return .success
        } catch let error as NotParsed {
            return ErrorPresentation.sayUsage(error.underlying)
        } catch {
            return ErrorPresentation.say(error, signal: signals.signal)
        }
    }

    /// The argument parser's own error, or help that was asked for.
    private struct NotParsed: Error { var underlying: any Error }

    private static func run(_ arguments: [String], _ signals: Signals) async throws {
        try UnknownCommand.check(arguments)
        var command: any ParsableCommand
        do { command = try Root.parseAsRoot(arguments) } catch { throw NotParsed(underlying: error) }
        if var asynchronous = command as? any AsyncParsableCommand {
            try signals.watch()
            try await asynchronous.run()
        } else {
            // Nothing in it listens to cancellation: signals end it as they end any program.
            try command.run()
        }
    }
}
