package import BuildSolver

/// The live view: finished steps scroll away above, running stages stand below with their elapsed time and what they
/// say, side by side when the terminal is wide enough.
package struct TerminalProgress: ProgressRenderer {
    private var model = ProgressModel()
    private var lanes: StageLanes
    private var size: (columns: Int, rows: Int)
    private var skippedStages: Set<String> = []
    /// Widths of the lines of the live region on the screen.
    private var drawn: [Int] = []
    private var lastFrame = ""
    private var cursorHidden = false
    private let style: Style

    /// Brings the cursor back; also what a signal handler writes.
    package static let restoration: StaticString = "\u{1B}[?25h"

    package init(columns: Int, rows: Int, style: Style) {
        size = (Self.sane(columns, 80), Self.sane(rows, 24))
        lanes = StageLanes(style: style)
        self.style = style
    }

    /// A terminal that does not know its size gets the classic one.
    private static func sane(_ value: Int, _ fallback: Int) -> Int { value > 0 ? min(value, 1000) : fallback }

    package mutating func resize(columns: Int, rows: Int) {
        size = (Self.sane(columns, 80), Self.sane(rows, 24))
    }

    package mutating func handle(_ event: BuildEvent, at time: Double) -> String {
        model.apply(event, at: time)
        let permanent = permanentText(event)
        guard !permanent.isEmpty else { return "" }
        return erase() + permanent + frame(at: time)
    }

    package mutating func tick(at time: Double) -> String {
        let frame = lanes.frame(model, columns: columns, rows: size.rows, at: time)
        let text = Self.text(frame)
        guard text != lastFrame else { return "" }
        return erase() + show(frame)
    }

    package mutating func finish(at time: Double) -> String {
        let text = erase() + (cursorHidden ? "\(Self.restoration)" : "")
        cursorHidden = false
        return text
    }

    // The last column stays free: some terminals wrap as soon as it is written.
    private var columns: Int { max(10, min(size.columns - 1, 160)) }

    // The live region

    private mutating func frame(at time: Double) -> String {
        show(lanes.frame(model, columns: columns, rows: size.rows, at: time))
    }

    private mutating func show(_ frame: [PaintedLine]) -> String {
        drawn = frame.map(\.cells)
        lastFrame = Self.text(frame)
        guard !frame.isEmpty else { return "" }
        defer { cursorHidden = true }
        return (cursorHidden ? "" : "\u{1B}[?25l") + lastFrame
    }

    private static func text(_ frame: [PaintedLine]) -> String { frame.map { $0.text + "\n" }.joined() }

    /// Removes the live region; on a terminal that became narrower its lines take several rows.
    private mutating func erase() -> String {
        let rows = drawn.reduce(0) { $0 + max(1, ($1 + size.columns - 1) / size.columns) }
        drawn = []
        lastFrame = ""
        return rows == 0 ? "" : "\u{1B}[\(rows)F\u{1B}[J"
    }

    // What stays

    private mutating func permanentText(_ event: BuildEvent) -> String {
        switch event {
        case .planned, .started, .output, .activity: return ""
        case .skipped(let id, let reason): return skipped(id, reason)
        case .cached(let id): return finished(id, "•", "cached", style.cyan)
        case .completed(let id, let seconds, let bytes, _):
            let size = bytes.flatMap { $0 == 0 ? nil : ($0 > 0 ? "+" : "") + Figures.bytes($0) } ?? ""
            return finished(
                id, "✓", TextWidth.right(Figures.seconds(seconds), 7) + TextWidth.right(size, 10), style.green)
        case .failed(let id, _): return finished(id, "✗", "failed", style.red) + tail(of: id)
        case .warning(let diagnostic): return DiagnosticText.render(diagnostic, style: style)
        }
    }

    private func finished(_ id: Int, _ mark: String, _ right: String, _ paint: (String) -> String) -> String {
        guard let step = model[id]?.step else { return "" }
        var line = PaintedLine()
        line.add(mark + " ", paint)
        line.add(TextWidth.left("\(step.stageLabel) \(step.position)/\(step.count)", stageWidth) + "  ", style.bold)
        line.append(
            .row(OutputLines.clean(step.title), right, width: columns - line.cells, paintRight: paint))
        return line.text + "\n"
    }

    private var stageWidth: Int {
        let widths = model.stages.map { TextWidth.cells($0.name) + 2 + 2 * String($0.steps.count).utf8.count }
        let widest = widths.max() ?? 0
        return min(widest, max(8, columns / 4))
    }

    private mutating func skipped(_ id: Int, _ reason: String) -> String {
        guard let step = model[id]?.step, skippedStages.insert(step.stage).inserted else { return "" }
        let text = "– " + TextWidth.left(step.stageLabel, stageWidth) + "  "
            + "\(Figures.count(step.count, "step")) skipped (\(OutputLines.clean(reason)))"
        return style.dim(TextWidth.fit(text, columns)) + "\n"
    }

    /// The output of a step that failed, in full as far as it is kept: until now only its last line was on the screen.
    private func tail(of id: Int) -> String {
        guard let step = model[id], !step.tail.isEmpty else { return "" }
        return step.tail.suffix(ProgressModel.tailLength).map { style.dim("  │ ") + $0 + "\n" }.joined()
    }
}
