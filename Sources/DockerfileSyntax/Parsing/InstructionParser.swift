import Diagnostics

/// Chooses the parser of an instruction by its keyword.
enum InstructionParser {
    enum Outcome {
        case from(From)
        case instruction(Instruction)
        /// Something is missing; it was reported.
        case incomplete
        /// No such instruction; nothing was reported.
        case unknown
    }

    static let keywords = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]

    static func parse(_ statement: inout Statement) -> Outcome {
        let outcome = dispatch(&statement)
        switch outcome {
        case .unknown: return outcome
        case .from(let from): check(from.expandedWords, of: &statement)
        case .instruction(let instruction): check(instruction.expandedWords, of: &statement)
        case .incomplete: break
        }
        statement.checkTypography()
        return outcome
    }

    /// Open quotes and substitutions are said now, not when the words are expanded.
    private static func check(_ words: [Word], of statement: inout Statement) {
        if statement.reportQuotedSpaces() { return }
        for word in words { statement.diagnostics += word.syntaxProblem()?.diagnostics ?? [] }
    }

    private static func dispatch(_ statement: inout Statement) -> Outcome {
        switch statement.keyword {
        case "ADD": outcome(Add.parse(&statement), Instruction.add)
        case "ARG": outcome(Arg.parse(&statement), Instruction.arg)
        case "CMD": outcome(Cmd.parse(&statement), Instruction.cmd)
        case "COPY": outcome(Copy.parse(&statement), Instruction.copy)
        case "ENTRYPOINT": outcome(Entrypoint.parse(&statement), Instruction.entrypoint)
        case "ENV": outcome(Env.parse(&statement), Instruction.env)
        case "EXPOSE": outcome(Expose.parse(&statement), Instruction.expose)
        case "FROM": .from(From.parse(&statement))
        case "HEALTHCHECK": outcome(Healthcheck.parse(&statement), Instruction.healthcheck)
        case "LABEL": outcome(Label.parse(&statement), Instruction.label)
        case "MAINTAINER": outcome(Maintainer.parse(&statement), Instruction.maintainer)
        case "ONBUILD": outcome(Onbuild.parse(&statement), Instruction.onbuild)
        case "RUN": outcome(Run.parse(&statement), Instruction.run)
        case "SHELL": outcome(Shell.parse(&statement), Instruction.shell)
        case "STOPSIGNAL": outcome(StopSignal.parse(&statement), Instruction.stopSignal)
        case "USER": outcome(User.parse(&statement), Instruction.user)
        case "VOLUME": outcome(Volume.parse(&statement), Instruction.volume)
        case "WORKDIR": outcome(Workdir.parse(&statement), Instruction.workdir)
        default: unknown(&statement)
        }
    }

    private static func unknown(_ statement: inout Statement) -> Outcome {
        _ = statement.plainWords()
        return .unknown
    }

    private static func outcome<Syntax>(_ syntax: Syntax?, _ wrap: (Syntax) -> Instruction) -> Outcome {
        syntax.map { .instruction(wrap($0)) } ?? .incomplete
    }
}
