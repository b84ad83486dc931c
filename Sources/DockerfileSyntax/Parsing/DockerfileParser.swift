package import Diagnostics

/// Dockerfile text to syntax. Never fails: what is wrong is said in the diagnostics, and what could be read is returned.
package enum DockerfileParser {
    package static func parse(_ file: SourceFile) -> Parsed<Dockerfile> {
        var session = ParsingSession(file: file)
        session.run()
        return session.finish()
    }

    /// The text of one ONBUILD trigger, as a base image recorded it; nil and an error when it is anything else than one
    /// instruction that may be one.
    package static func parseTrigger(_ file: SourceFile) -> Parsed<Instruction?> {
        var session = ParsingSession(file: file)
        return session.trigger()
    }
}

/// One run over a file.
struct ParsingSession {
    private var scanner: LineScanner
    private var dockerfile: Dockerfile
    private var diagnostics: [Diagnostic] = []
    /// The statement before, for guessing at what an unknown one was meant to be.
    private var previous: Statement?
    private var unknown = UnknownInstructions()
    private var reportedMissingFrom = false

    init(file: SourceFile) {
        scanner = LineScanner(file: file)
        dockerfile = Dockerfile(file: file)
    }

    mutating func run() {
        while let line = scanner.next() {
            var statement = Statement(text: line.text, escape: scanner.escape)
            readHeredocs(of: &statement)
            statement.check(line)
            let outcome = InstructionParser.parse(&statement)
            if case .unknown = outcome {
                diagnostics += unknown.add(statement, after: previous)
            } else {
                diagnostics += unknown.take()
                place(outcome, &statement)
            }
            append(statement, comments: line.comments)
            diagnostics += statement.diagnostics
            previous = statement
        }
        diagnostics += unknown.take()
        diagnostics += LostFrom.diagnostics(for: dockerfile)
        diagnostics += StaleDummyMain.diagnostics(for: dockerfile)
    }

    /// Reads the whole file as one trigger.
    mutating func trigger() -> Parsed<Instruction?> {
        if let line = scanner.next() {
            var statement = Statement(text: line.text, escape: scanner.escape)
            readHeredocs(of: &statement)
            let outcome = Onbuild.refuses(statement.keyword) ? .incomplete : InstructionParser.parse(&statement)
            if case .instruction(let instruction) = outcome, scanner.next() == nil {
                return Parsed(statement.hasErrors ? nil : instruction, statement.diagnostics)
            }
            if statement.hasErrors { return Parsed(nil, statement.diagnostics) }
        }
        let whole = SourceRange(file: dockerfile.file, bytes: 0..<dockerfile.file.bytes.count)
        return Parsed(
            nil, [Diagnostic(.error, "onbuild-trigger", "The \(dockerfile.file.name) is not one instruction", at: whole)])
    }

    mutating func finish() -> Parsed<Dockerfile> {
        dockerfile.directives = scanner.directives.directives
        diagnostics += scanner.directives.diagnostics
        if dockerfile.lines.isEmpty {
            diagnostics.append(emptyFile())
        } else if dockerfile.stages.isEmpty, !diagnostics.contains(where: { $0.severity == .error }) {
            diagnostics.append(noStage())
        }
        return Parsed(dockerfile, diagnostics.inFileOrder())
    }

    /// Puts an instruction into its stage, or before the first.
    private mutating func place(_ outcome: InstructionParser.Outcome, _ statement: inout Statement) {
        switch outcome {
        case .from(let from):
            dockerfile.stages.append(Stage(index: dockerfile.stages.count, from: from))
        case .instruction(let instruction):
            if let last = dockerfile.stages.indices.last {
                dockerfile.stages[last].instructions.append(instruction)
            } else if case .arg(let arguments) = instruction {
                dockerfile.globalArguments.append(arguments)
            } else {
                reportMissingFrom(&statement)
            }
        case .incomplete:
            if dockerfile.stages.isEmpty, statement.keyword != "ARG" { reportMissingFrom(&statement) }
        case .unknown:
            break
        }
    }

    private mutating func reportMissingFrom(_ statement: inout Statement) {
        guard !reportedMissingFrom else { return }
        reportedMissingFrom = true
        statement.error(
            "no-base", "A Dockerfile begins with FROM, but here \(statement.keyword) comes first",
            at: statement.keywordRange, "no stage has begun yet", notes: ["only ARG may stand before the first FROM"],
            help: "begin with the image to build on, such as FROM debian:bookworm-slim, or FROM scratch for an empty one")
    }

    private mutating func append(_ statement: Statement, comments: [String]) {
        dockerfile.lines.append(
            InstructionLine(
                keyword: statement.keyword, keywordRange: statement.keywordRange,
                flags: statement.flags.map { statement.word($0.range) }, arguments: statement.arguments,
                form: statement.form, original: statement.original, heredocs: statement.heredocs.map(\.heredoc),
                range: statement.range, comments: comments))
    }

    private func emptyFile() -> Diagnostic {
        let file = dockerfile.file
        let hasComments = scanner.sawComment
        return Diagnostic(
            .error, "no-instructions", hasComments ? "\(file.name) holds only comments" : "\(file.name) is empty",
            at: SourceRange(file: file, bytes: 0..<0), "no instruction in this file",
            help: "begin with the image to build on: FROM debian:bookworm-slim")
    }

    private func noStage() -> Diagnostic {
        let end = dockerfile.lines.last?.range ?? SourceRange(file: dockerfile.file, bytes: 0..<0)
        return Diagnostic(
            .error, "no-base", "\(dockerfile.file.name) has no FROM", at: end, "the file ends without a stage",
            help: "add the image to build on: FROM debian:bookworm-slim")
    }
}

extension ParsingSession {
    /// Reads the bodies of the heredocs of a RUN, COPY or ADD, also behind ONBUILD.
    private mutating func readHeredocs(of statement: inout Statement) {
        var range = statement.rest
        var keyword = statement.keyword
        if keyword == "ONBUILD" {
            let inner = statement.trigger()
            keyword = inner.keyword
            range = statement.rest.lowerBound + inner.rest.lowerBound..<statement.rest.lowerBound + inner.rest.upperBound
        }
        guard HeredocScanner.keywords.contains(keyword) else { return }
        if case .strings = JSONFormScanner.scan(statement.bytes, in: range) { return }
        for var scanned in HeredocScanner.operators(in: range, of: statement.text) {
            let isClosed = scanner.readBody(of: &scanned)
            if !isClosed {
                let name = scanned.heredoc.name
                statement.error(
                    "unterminated-heredoc", "The heredoc \"\(name)\" is never closed", at: statement.place(scanned.word),
                    "everything up to the end of the file is in it",
                    help: "write \(name) alone on a line where the text ends\(scanned.heredoc.chomp ? "" : ", without blanks before it")")
            }
            statement.checkLineEndings(scanned, keyword: keyword)
            statement.heredocs.append(scanned)
        }
    }
}

extension [Diagnostic] {
    /// By where they point; those that point nowhere first.
    func inFileOrder() -> [Diagnostic] {
        enumerated().sorted {
            let left = ($0.element.primary?.range.bytes.lowerBound ?? -1, $0.offset)
            let right = ($1.element.primary?.range.bytes.lowerBound ?? -1, $1.offset)
            return left < right
        }.map(\.element)
    }
}
