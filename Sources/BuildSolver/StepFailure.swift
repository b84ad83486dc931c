import BuildContext
package import BuildPlan
package import Diagnostics
package import Execution

/// A step that failed: where it is written, and what went wrong. Origin is attached here and nowhere below.
package struct StepFailure: Error, Sendable {
    package var node: Node
    package var underlying: any Error
    package init(node: Node, underlying: any Error) {
        self.node = node
        self.underlying = underlying
    }
}

/// A RUN that ended with something other than 0.
package struct RunFailure: Error, Sendable {
    package var exit: ProcessExit
    package var arguments: [String]
    /// The last lines it printed, both streams together.
    package var lastOutput: [String]
    package init(exit: ProcessExit, arguments: [String], lastOutput: [String]) {
        self.exit = exit
        self.arguments = arguments
        self.lastOutput = lastOutput
    }
}

extension StepFailure: DiagnosticConvertible {
    package var diagnostics: [Diagnostic] {
        if let missing = underlying as? SourceNotFound, let sources = node.sources {
            let range = sources.ranges.indices.contains(missing.source) ? sources.ranges[missing.source] : node.origin
            // Files of the context that a RUN mounts are copied first, by a step of their own.
            let isMount = node.title.hasPrefix(Planner.mountTitle)
            let keyword = isMount ? "RUN --mount" : String(node.title.prefix { $0 != " " }).uppercased()
            return [missing.diagnostic(at: range, instruction: keyword, in: sources.place)]
        }
        if let failure = underlying as? FetchFailure { return [failure.diagnostic(for: node)] }
        if let convertible = underlying as? any DiagnosticConvertible { return convertible.diagnostics }
        let label = node.origin.map { Diagnostic.Label(Self.firstLine(of: $0)) }
        if let failure = underlying as? RunFailure { return [failure.diagnostic(at: label)] }
        if let error = underlying as? AgentError {
            return [Diagnostic(.error, "ssh-failed", error.description, at: label, help: error.help)]
        }
        if let error = underlying as? RuntimeError {
            var diagnostic = Diagnostic(.error, "run-failed", "\(error)", at: label)
            diagnostic.help = error.remedy
            return [diagnostic]
        }
        return [Diagnostic(.error, "step-failed", "\(node.title.prefix(80)): \(underlying)", at: label)]
    }

    /// Carets under a whole heredoc help nobody.
    private static func firstLine(of range: SourceRange) -> SourceRange {
        guard let line = range.file.bytesOfLine(range.line) else { return range }
        return SourceRange(
            file: range.file, bytes: range.bytes.lowerBound..<min(range.bytes.upperBound, max(line.upperBound, range.bytes.lowerBound)))
    }
}

extension RunFailure {
    func diagnostic(at label: Diagnostic.Label?) -> Diagnostic {
        var label = label
        var diagnostic = Diagnostic(.error, "run-failed", "")
        switch exit {
        case .exited(let code):
            diagnostic.message = "RUN exited with code \(code)"
            label?.text = "exit code \(code)"
            diagnostic.help = help(forCode: code)
        case .signaled(let signal):
            diagnostic.message = "RUN was killed by signal \(signal)"
            label?.text = "killed by signal \(signal)"
            if signal == 9 {
                diagnostic.notes.append("no out-of-memory kill was recorded for it: something else sent SIGKILL")
            }
        case .outOfMemory:
            diagnostic.message = "RUN ran out of memory and was killed by the kernel"
            label?.text = "out of memory"
            diagnostic.help = "raise --memory, or run fewer jobs at once (for example make -j2)"
        }
        diagnostic.primary = label
        if !lastOutput.isEmpty {
            diagnostic.notes.append("last output:\n" + lastOutput.joined(separator: "\n"))
        }
        return diagnostic
    }

    private func help(forCode code: Int32) -> String? {
        let missing = lastOutput.reversed().lazy.compactMap { line -> String? in
            guard let range = line.firstRange(of: ": not found") ?? line.firstRange(of: ": command not found") else {
                return nil
            }
            let head = line[..<range.lowerBound]
            return head.split(separator: ":").last.map { $0.trimmed }
        }.first
        switch code {
        case 127:
            let name = missing.map { "\"\($0)\"" } ?? "a command"
            return "\(name) is not in the image at this point: install it in an earlier RUN, or start from a base that has it"
        case 126: return "the file was found but is not executable: check its mode (COPY --chmod=0755) and its architecture"
        case 137: return "137 is 128 + SIGKILL: a child was killed, most often for lack of memory"
        case 139: return "139 is 128 + SIGSEGV: the program crashed"
        case 100 where arguments.joined(separator: " ").contains("apt"):
            return "apt-get needs fresh lists: run \"apt-get update\" in the same RUN, before \"apt-get install\""
        default: return nil
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
