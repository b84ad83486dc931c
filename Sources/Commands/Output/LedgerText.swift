package import ImageBuild
import OCI

/// The table at the end of a build: what ships, by instruction, and what was left behind.
package struct LedgerText {
    private let report: BuildReport
    private let width: Int
    private let style: Style

    /// `width` in cells; wider than 120 gains nothing.
    package init(_ report: BuildReport, width: Int, style: Style) {
        self.report = report
        self.width = min(max(width, 40), 120)
        self.style = style
    }

    private var ledger: Ledger { report.ledger }

    /// Two figures and a bar; the instruction takes the rest.
    private static let figure = 10
    private var barWidth: Int { width >= 100 ? 24 : width >= 72 ? 12 : 0 }
    private var titleWidth: Int {
        width - 2 - lineWidth - 2 - 2 * (Self.figure + 1) - (barWidth > 0 ? barWidth + 2 : 0)
    }
    private var lineWidth: Int { max(4, ledger.rows.compactMap { $0.line.map { String($0).utf8.count } }.max() ?? 0) }

    package var text: String {
        ([""] + heading + [""] + shipped + leftBehind + ["", "  " + steps]).map { $0 + "\n" }.joined()
    }

    private var heading: [String] {
        let names = report.references.map(\.familiar)
        let id = "sha256:" + report.imageID.short
        var line = PaintedLine()
        line.add("  ")
        line.append(
            .row(names.first ?? "untagged image", id, width: width - 2, paintLeft: style.bold, paintRight: style.dim))
        return [line.text] + names.dropFirst().map { "  " + style.bold(TextWidth.fit($0, width - 2)) }
    }

    private var shipped: [String] {
        var lines = [style.dim("  " + row("", "shipped", "unpacked", "compressed"))]
        let largest = max(1, max(ledger.base.unpacked, ledger.rows.map(\.size.unpacked).max() ?? 0))
        lines.append(sized("base", ledger.baseName, ledger.base, largest, style.dim))
        for item in ledger.rows {
            let title = OutputLines.clean(item.title)
            lines.append(sized(item.line.map(String.init) ?? "", title, item.size, largest, style.green))
        }
        let rule = String(repeating: "─", count: width - 2 - (barWidth > 0 ? barWidth + 2 : 0))
        lines.append(style.dim("  " + rule))
        let yours = ledger.base == Ledger.Size() ? "yours" : "yours, on top of the base"
        lines.append(sized("", yours, ledger.yours, 0, style.green))
        lines.append(style.bold("  " + row("", "total", size(ledger.total.unpacked), size(ledger.total.compressed))))
        return lines
    }

    private func size(_ bytes: Int64) -> String { Figures.bytes(bytes) }

    private func row(_ line: String, _ title: String, _ unpacked: String, _ compressed: String) -> String {
        TextWidth.right(line, lineWidth) + "  " + TextWidth.left(title, titleWidth) + " "
            + TextWidth.right(unpacked, Self.figure) + " " + TextWidth.right(compressed, Self.figure)
    }

    private func sized(
        _ line: String, _ title: String, _ size: Ledger.Size, _ largest: Int64, _ paint: (String) -> String
    ) -> String {
        let text = "  " + row(line, title, self.size(size.unpacked), self.size(size.compressed))
        guard barWidth > 0, largest > 0, size.unpacked > 0 else { return text }
        return text + "  " + paint(Self.bar(Double(size.unpacked) / Double(largest), barWidth))
    }

    /// Eighths of a cell, so that small things are seen to be small and not nothing.
    static func bar(_ share: Double, _ width: Int) -> String {
        let eighths = max(1, Int((min(max(share, 0), 1) * Double(width * 8)).rounded()))
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
    }

    private var leftBehind: [String] {
        guard !ledger.jettisoned.isEmpty || !ledger.skippedStages.isEmpty else { return [] }
        let names = ledger.jettisoned.map { TextWidth.cells($0.stage) } + [9]
        let column = min(names.max() ?? 9, width / 3)
        var lines = ["", style.dim("  jettisoned")]
        for stage in ledger.jettisoned {
            var line = PaintedLine()
            line.add("  ")
            line.add(TextWidth.left(stage.stage, column))
            line.add(TextWidth.right(size(stage.bytes), Self.figure + 1), style.yellow)
            line.add(" → left behind")
            if stage.baseBytes > 0 {
                line.add(
                    TextWidth.fit(" (\(size(stage.baseBytes)) of it its base)", width - line.cells), style.dim)
            }
            lines.append(line.text)
        }
        if !ledger.skippedStages.isEmpty {
            let text = "not built: " + ledger.skippedStages.joined(separator: ", ")
            lines.append(style.dim("  " + TextWidth.fit(text, width - 2)))
        }
        return lines
    }

    private var steps: String {
        let all = ledger.cachedSteps + ledger.ranSteps
        return "\(Figures.count(all, "step")): \(ledger.cachedSteps) cached, \(ledger.ranSteps) run"
            + " · \(Figures.seconds(ledger.seconds))"
    }
}
