package import Diagnostics

/// A trigger: an instruction that runs in the builds that start from this image. `trigger` is its text.
package struct Onbuild: InstructionSyntax {
    package static let keyword = "ONBUILD"
    package var range: SourceRange
    package var original: String
    package var trigger: String
    package var triggerRange: SourceRange
    /// The trigger, parsed; empty when it is none. (An array, as an instruction cannot hold another directly.)
    package var instruction: [Instruction]

    package init(
        range: SourceRange, original: String, trigger: String, triggerRange: SourceRange, instruction: [Instruction] = []
    ) {
        self.instruction = instruction
        self.range = range
        self.original = original
        self.trigger = trigger
        self.triggerRange = triggerRange
    }
}

extension Onbuild {
    /// What cannot be a trigger.
    static func refuses(_ keyword: String) -> Bool { ["ONBUILD", "FROM", "MAINTAINER"].contains(keyword) }

    /// The trigger is parsed as well, for what is wrong with it; what is kept is its text.
    static func parse(_ statement: inout Statement) -> Onbuild? {
        _ = statement.readFlags()
        guard !statement.rest.isEmpty else {
            statement.reportMissingArguments("an instruction", help: "write the instruction to run later: ONBUILD COPY . /app")
            return nil
        }
        var inner = statement.trigger()
        let keyword = inner.keyword
        var instruction: [Instruction] = []
        if refuses(keyword) {
            statement.error(
                "onbuild-trigger", "\(keyword) cannot be an ONBUILD trigger", at: inner.keywordRange,
                help: keyword == "ONBUILD" ? "write ONBUILD once" : "remove the line")
        } else {
            switch InstructionParser.parse(&inner) {
            case .instruction(let parsed): instruction = [parsed]
            case .unknown: statement.report(UnknownInstructions.describe(inner, after: nil).diagnostic)
            case .from, .incomplete: break
            }
        }
        statement.diagnostics += inner.diagnostics
        statement.arguments = [keyword] + inner.flags.map { inner.text.text($0.range) } + inner.arguments
        let trigger = statement.heredocs.reduce(statement.text.text(statement.rest)) {
            "\($0)\n\($1.rawContent)\($1.heredoc.name)"
        }
        return Onbuild(
            range: statement.range, original: statement.original, trigger: trigger,
            triggerRange: statement.place(statement.rest), instruction: instruction)
    }
}

extension Statement {
    /// What follows ONBUILD, as a statement of its own.
    func trigger() -> Statement {
        var inner = Statement(text: text.slice(rest), escape: escape)
        inner.heredocs = heredocs.map {
            var moved = $0
            moved.word = $0.word.lowerBound - rest.lowerBound..<$0.word.upperBound - rest.lowerBound
            return moved
        }
        return inner
    }
}
