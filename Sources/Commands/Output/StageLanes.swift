import BuildSolver

/// The live region of a build on a terminal: one lane a running stage, and a line for the whole.
struct StageLanes: Sendable {
    let style: Style
    /// Narrower columns than this are stacked instead.
    private static let narrowest = 38
    /// Lines of output a column shows.
    private static let columnOutput = 3

    /// The lines to show; none before the plan is known.
    func frame(_ model: ProgressModel, columns: Int, rows: Int, at time: Double) -> [PaintedLine] {
        guard !model.stages.isEmpty else { return [] }
        let running = model.stages.filter { stage in stage.steps.contains { model[$0]?.status.isRunning ?? false } }
        let perRow = min(running.count, (columns + 3) / (Self.narrowest + 3))
        var lines =
            perRow >= 2
            ? sideBySide(running, perRow: perRow, model, columns: columns, at: time)
            : running.flatMap { stacked($0, model, columns: columns, at: time) }
        let room = max(1, rows - 2)
        if lines.count > room {
            lines.removeLast(lines.count - room + 1)
            var more = PaintedLine()
            more.add(TextWidth.fit("… and more", columns), style.dim)
            lines.append(more)
        }
        lines.append(summary(model, columns: columns, at: time))
        return lines
    }

    // `builder  ■■▣□□  RUN go build …    12.4s` and the last line it wrote
    private func stacked(
        _ stage: (name: String, steps: [Int]), _ model: ProgressModel, columns: Int, at time: Double
    ) -> [PaintedLine] {
        guard let current = current(stage, model) else { return [] }
        var line = PaintedLine()
        line.add(TextWidth.fit(stage.name, columns / 4) + "  ", style.bold)
        if columns >= 60 {
            addMarks(stage, model, limit: columns / 5, to: &line)
            line.add("  ")
        }
        let margin = min(line.cells, columns / 3)
        line.append(
            .row(
                OutputLines.clean(current.step.title), elapsed(current, time), width: columns - line.cells,
                paintRight: style.yellow))
        guard !current.lastLine.isEmpty else { return [line] }
        var output = PaintedLine()
        output.fill(to: margin)
        output.add(TextWidth.fit("│ " + current.lastLine, columns - margin), style.dim)
        return [line, output]
    }

    private func sideBySide(
        _ stages: [(name: String, steps: [Int])], perRow: Int, _ model: ProgressModel, columns: Int, at time: Double
    ) -> [PaintedLine] {
        let width = (columns - 3 * (perRow - 1)) / perRow
        var lines: [PaintedLine] = []
        for start in stride(from: 0, to: stages.count, by: perRow) {
            let panels = stages[start..<min(start + perRow, stages.count)].map {
                panel($0, model, width: width, at: time)
            }
            for row in 0..<(panels.map(\.count).max() ?? 0) {
                var line = PaintedLine()
                for (index, panel) in panels.enumerated() {
                    if index > 0 { line.add(" │ ", style.dim) }
                    let left = line.cells
                    if row < panel.count { line.append(panel[row]) }
                    if index + 1 < panels.count { line.fill(to: left + width) }
                }
                lines.append(line)
            }
        }
        return lines
    }

    /// A column: name, marks and time; the instruction; the last lines it wrote.
    private func panel(
        _ stage: (name: String, steps: [Int]), _ model: ProgressModel, width: Int, at time: Double
    ) -> [PaintedLine] {
        guard let current = current(stage, model) else { return [] }
        var head = PaintedLine()
        head.add(TextWidth.fit(stage.name, width / 2) + " ", style.bold)
        addMarks(stage, model, limit: max(3, width - head.cells - 9), to: &head)
        head.append(.row("", elapsed(current, time), width: width - head.cells, paintRight: style.yellow))
        var title = PaintedLine()
        title.add(TextWidth.fit(OutputLines.clean(current.step.title), width))
        var output = current.tail.suffix(Self.columnOutput).map { $0 }
        if output.last != current.lastLine, !current.lastLine.isEmpty {
            output = Array((output + [current.lastLine]).suffix(Self.columnOutput))
        }
        return [head, title] + output.map {
            var line = PaintedLine()
            line.add(TextWidth.fit($0, width), style.dim)
            return line
        }
    }

    private func current(_ stage: (name: String, steps: [Int]), _ model: ProgressModel) -> ProgressModel.Step? {
        stage.steps.lazy.compactMap { model[$0] }.first { $0.status.isRunning }
    }

    private func elapsed(_ step: ProgressModel.Step, _ time: Double) -> String {
        if case .running(let since) = step.status { Figures.seconds(time - since) } else { "" }
    }

    /// A mark a step; `3/40` when there are too many.
    private func addMarks(
        _ stage: (name: String, steps: [Int]), _ model: ProgressModel, limit: Int, to line: inout PaintedLine
    ) {
        let statuses = stage.steps.compactMap { model[$0]?.status }
        guard statuses.count <= limit else {
            let over = statuses.count { $0 == .done || $0 == .cached }
            return line.add("\(over)/\(statuses.count)", style.dim)
        }
        for status in statuses {
            switch status {
            case .cached: line.add("▪", style.cyan)
            case .done: line.add("■", style.green)
            case .running: line.add("▣", style.yellow)
            case .failed: line.add("✗", style.red)
            case .pending, .skipped: line.add("□", style.dim)
            }
        }
    }

    private func summary(_ model: ProgressModel, columns: Int, at time: Double) -> PaintedLine {
        let (cached, done) = (model.count(.cached), model.count(.done))
        let total = model.steps.count - model.count(.skipped)
        var text = "\(cached + done)/\(Figures.count(total, "step"))"
        if cached > 0 { text += " · \(cached) cached" }
        for activity in model.activities {
            text += " · " + OutputLines.clean(activity.name)
            if !activity.detail.isEmpty { text += " " + OutputLines.clean(activity.detail) }
        }
        return .row(text, Figures.seconds(time), width: columns, paintLeft: style.bold, paintRight: style.dim)
    }
}
