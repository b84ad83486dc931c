package import BuildSolver

/// Lines for logs: nothing is ever rewritten, every line says which step it belongs to.
///
///     #3 [builder 2/5] RUN go build -o /server .
///     #3 | # internal/abi
///     #3 done 12.4s +8.1 MB (ran: COPY . . changed)
package struct PlainProgress: ProgressRenderer {
    private var model = ProgressModel()
    private var skippedStages: Set<String> = []
    private var announced: Set<String> = []
    /// Steps that started and are not named yet: most of them turn out to be cached at once, which is one line then.
    private var unnamed: [Int: Double] = [:]
    private static let patience = 0.2
    private let style: Style

    package init(style: Style = .plain) { self.style = style }

    package mutating func handle(_ event: BuildEvent, at time: Double) -> String {
        let lines = model.apply(event, at: time)
        switch event {
        case .planned: return ""
        case .skipped(let id, let reason): return skipped(id, reason)
        case .started(let id):
            unnamed[id] = time
            return ""
        case .cached(let id):
            unnamed[id] = nil
            return heading(id) + style.cyan(" · cached") + "\n"
        case .completed(let id, let seconds, let bytes, let reason):
            return named(id) + prefixed(lines, id) + completed(id, seconds, bytes, reason)
        case .failed(let id, let message):
            return named(id) + prefixed(lines, id) + number(id) + style.red(" failed: ") + OutputLines.clean(message)
                + "\n"
        case .output(let id, _): return lines.isEmpty ? "" : named(id) + prefixed(lines, id)
        case .activity(let name, let detail, let done): return activity(name, detail, done)
        case .warning(let diagnostic): return DiagnosticText.render(diagnostic, style: style)
        }
    }

    package mutating func tick(at time: Double) -> String {
        let late = unnamed.filter { time - $0.value >= Self.patience }.keys.sorted()
        return late.map { named($0) }.joined()
    }

    package mutating func finish(at time: Double) -> String { unnamed.keys.sorted().map { named($0) }.joined() }

    /// The step's heading, the first time.
    private mutating func named(_ id: Int) -> String {
        unnamed.removeValue(forKey: id) == nil ? "" : heading(id) + "\n"
    }

    private func number(_ id: Int) -> String { style.dim("#\(id)") }

    private func heading(_ id: Int) -> String {
        guard let step = model[id]?.step else { return number(id) }
        let place = "[\(step.stageLabel) \(step.position)/\(step.count)]"
        return "\(number(id)) \(style.bold(place)) \(OutputLines.clean(step.title))"
    }

    private func prefixed(_ lines: [String], _ id: Int) -> String {
        lines.map { "\(number(id)) \(style.dim("|"))\($0.isEmpty ? "" : " ")\($0)\n" }.joined()
    }

    private func completed(_ id: Int, _ seconds: Double, _ bytes: Int64?, _ reason: String?) -> String {
        var text = "\(number(id)) \(style.green("done")) \(Figures.seconds(seconds))"
        if let bytes, bytes != 0 { text += (bytes > 0 ? " +" : " ") + Figures.bytes(bytes) }
        if let reason { text += style.dim(" (\(OutputLines.clean(reason)))") }
        return text + "\n"
    }

    /// One line a stage, not one a step: they share their reason.
    private mutating func skipped(_ id: Int, _ reason: String) -> String {
        guard let step = model[id]?.step, skippedStages.insert(step.stage).inserted else { return "" }
        return "\(number(id)) \(style.bold("[\(step.stageLabel)]")) \(Figures.count(step.count, "step"))"
            + style.dim(" · skipped (\(OutputLines.clean(reason)))") + "\n"
    }

    private mutating func activity(_ name: String, _ detail: String, _ done: Bool) -> String {
        let name = OutputLines.clean(name)
        let detail = detail.isEmpty ? "" : " " + OutputLines.clean(detail)
        if done { return "# \(name)\(detail) \(style.green("done"))\n" }
        // How far it is would be a line for every blob.
        return announced.insert(name).inserted ? "# \(name)\(detail)\n" : ""
    }
}
