import Diagnostics

/// The typed syntax as text, one fact a line with its place: what goldens compare and `--print=syntax` shows.
package enum SyntaxDump {
    package static func text(_ dockerfile: Dockerfile) -> String {
        var writer = SyntaxDumpWriter()
        for directive in dockerfile.directives {
            writer.add("directive \(directive.name)", directive.value, directive.range)
        }
        for arguments in dockerfile.globalArguments { writer.add(arguments) { $0.add(arguments.arguments) } }
        for stage in dockerfile.stages {
            writer.open("stage \(stage.index)" + (stage.name.map { " \($0)" } ?? "")) { writer in
                writer.add(stage.from) {
                    $0.add("platform", stage.from.platform)
                    $0.add("image", stage.from.image)
                    $0.add("name", stage.from.stageName)
                }
                for instruction in stage.instructions { writer.add(instruction) }
            }
        }
        return writer.text
    }
}

/// Collects indented lines.
struct SyntaxDumpWriter {
    private(set) var text = ""
    private var depth = 0

    mutating func open(_ title: String, _ body: (inout SyntaxDumpWriter) -> Void) {
        line(title)
        depth += 1
        body(&self)
        depth -= 1
    }

    mutating func add(_ syntax: some InstructionSyntax, _ body: (inout SyntaxDumpWriter) -> Void) {
        open("\(type(of: syntax).keyword) @ \(place(syntax.range))", body)
    }

    mutating func add(_ name: String, _ value: String, _ range: SourceRange) {
        line("\(name) \(JSONText.string(value).compact) @ \(place(range))")
    }

    mutating func add(_ name: String, _ word: Word?) {
        if let word { add(name, word.raw, word.range) }
    }

    mutating func add(_ name: String, _ words: [Word]) {
        for word in words { add(name, word) }
    }

    mutating func add(flag name: String, _ isOn: Bool) {
        if isOn { line(name) }
    }

    mutating func add(_ pairs: [KeyValue]) {
        for pair in pairs {
            add("key", pair.key)
            add("value", pair.value)
        }
    }

    mutating func add(_ command: CommandForm?) {
        switch command {
        case .shell(let form): add("shell", form.text, form.range)
        case .exec(let words, let range):
            line("exec \(JSONText.array(words.map(JSONText.string)).compact) @ \(place(range))")
        case nil: line("none")
        }
    }

    mutating func add(_ heredocs: [Heredoc]) {
        for heredoc in heredocs {
            let traits = [heredoc.expand ? nil : "literal", heredoc.chomp ? "chomp" : nil].compactMap { $0 }
            let descriptor = heredoc.descriptor == 0 ? "" : "\(heredoc.descriptor)"
            let title = (["heredoc \(descriptor)<<\(heredoc.name)"] + traits).joined(separator: " ")
            add(title, heredoc.content, heredoc.range)
        }
    }

    private mutating func line(_ content: String) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private func place(_ range: SourceRange) -> String {
        "\(range.start.line):\(range.start.column)-\(range.end.line):\(range.end.column)"
    }
}

extension SyntaxDumpWriter {
    mutating func add(_ instruction: Instruction) {
        switch instruction {
        case .add(let it): add(it, dump(_:to:))
        case .arg(let it): add(it) { $0.add(it.arguments) }
        case .cmd(let it): add(it) { $0.add(it.command) }
        case .copy(let it): add(it, dump(_:to:))
        case .entrypoint(let it): add(it) { $0.add(it.command) }
        case .env(let it): add(it) { $0.add(it.variables) }
        case .expose(let it): add(it) { $0.add("port", it.ports) }
        case .healthcheck(let it): add(it, dump(_:to:))
        case .label(let it): add(it) { $0.add(it.labels) }
        case .maintainer(let it): add(it) { $0.add("author", it.author) }
        case .onbuild(let it): add(it) { $0.add("trigger", it.trigger, it.triggerRange) }
        case .run(let it): add(it, dump(_:to:))
        case .shell(let it): add(it) { $0.add(.exec(it.arguments, range: it.range)) }
        case .stopSignal(let it): add(it) { $0.add("signal", it.signal) }
        case .user(let it): add(it) { $0.add("user", it.user) }
        case .volume(let it): add(it) { $0.add("path", it.paths) }
        case .workdir(let it): add(it) { $0.add("path", it.path) }
        }
    }

    private mutating func add<Syntax: InstructionSyntax>(
        _ syntax: Syntax, _ dump: (Syntax, inout SyntaxDumpWriter) -> Void
    ) {
        add(syntax) { dump(syntax, &$0) }
    }
}

private func dump(_ copy: Copy, to writer: inout SyntaxDumpWriter) {
    writer.add("from", copy.from)
    writer.add("chown", copy.chown)
    writer.add("chmod", copy.chmod)
    writer.add(flag: "link", copy.link)
    writer.add(flag: "parents", copy.parents)
    writer.add("exclude", copy.excludes)
    writer.add("source", copy.sources)
    writer.add(copy.heredocSources)
    writer.add("destination", copy.destination)
}

private func dump(_ add: Add, to writer: inout SyntaxDumpWriter) {
    writer.add("chown", add.chown)
    writer.add("chmod", add.chmod)
    writer.add("checksum", add.checksum)
    writer.add(flag: "link", add.link)
    writer.add(flag: "keep-git-dir", add.keepGitDirectory)
    writer.add(flag: "unpack", add.unpack == true)
    writer.add(flag: "no unpack", add.unpack == false)
    writer.add("exclude", add.excludes)
    writer.add("source", add.sources)
    writer.add(add.heredocSources)
    writer.add("destination", add.destination)
}

private func dump(_ run: Run, to writer: inout SyntaxDumpWriter) {
    writer.add("mount", run.mounts.map(\.word))
    writer.add("network", run.network)
    writer.add("security", run.security)
    writer.add(run.command)
    writer.add(run.heredocs)
}

private func dump(_ check: Healthcheck, to writer: inout SyntaxDumpWriter) {
    writer.add("interval", check.interval)
    writer.add("timeout", check.timeout)
    writer.add("start-period", check.startPeriod)
    writer.add("start-interval", check.startInterval)
    writer.add("retries", check.retries)
    writer.add(check.command)
}
