package import Diagnostics

/// A parsed Dockerfile: what is in force for the whole file, and its stages.
package struct Dockerfile: Sendable {
    package var file: SourceFile
    package var directives: [ParserDirective]
    /// ARG instructions before the first FROM.
    package var globalArguments: [Arg]
    package var stages: [Stage]
    /// Every instruction in file order, also those the stages hold, as written (for `parse` and for lint).
    package var lines: [InstructionLine]
    /// What `# check=` says about warnings; those of the parser have been through it.
    package var checks: CheckConfiguration

    package init(
        file: SourceFile, directives: [ParserDirective] = [], globalArguments: [Arg] = [], stages: [Stage] = [],
        lines: [InstructionLine] = []
    ) {
        self.file = file
        self.directives = directives
        self.globalArguments = globalArguments
        self.stages = stages
        self.lines = lines
        checks = CheckConfiguration(file: file)
    }
}

/// FROM and what follows it, up to the next FROM.
package struct Stage: Sendable {
    /// 0-based position in the file.
    package var index: Int
    package var from: From
    package var instructions: [Instruction]
    package init(index: Int, from: From, instructions: [Instruction] = []) {
        self.index = index
        self.from = from
        self.instructions = instructions
    }
    /// The name as written, or nil.
    package var name: String? { from.stageName?.raw }
}

/// `# syntax=…`, `# escape=…` or `# check=…` at the top of the file.
package struct ParserDirective: Sendable, Hashable {
    package var name: String
    package var value: String
    package var range: SourceRange
    package init(name: String, value: String, range: SourceRange) {
        self.name = name
        self.value = value
        self.range = range
    }
}

/// One instruction as the scanner saw it: continuations joined, comments dropped, nothing expanded.
package struct InstructionLine: Sendable {
    /// Upper case.
    package var keyword: String
    package var keywordRange: SourceRange
    /// `--from=deps`, as written.
    package var flags: [Word]
    /// Words of the arguments as written; for shell-form RUN, CMD and ENTRYPOINT one element: the whole text.
    package var arguments: [String]
    package enum Form: String, Sendable { case shell, exec, plain }
    package var form: Form
    /// The instruction's text as one line.
    package var original: String
    package var heredocs: [Heredoc]
    package var range: SourceRange
    /// The comment lines directly above, without `#`.
    package var comments: [String]

    package init(
        keyword: String, keywordRange: SourceRange, flags: [Word], arguments: [String], form: Form, original: String,
        heredocs: [Heredoc], range: SourceRange, comments: [String]
    ) {
        self.keyword = keyword
        self.keywordRange = keywordRange
        self.flags = flags
        self.arguments = arguments
        self.form = form
        self.original = original
        self.heredocs = heredocs
        self.range = range
        self.comments = comments
    }
}
