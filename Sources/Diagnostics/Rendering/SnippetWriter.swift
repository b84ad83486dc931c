/// Draws the lines of one file that a diagnostic is about.
struct SnippetWriter {
    let block: SnippetBlock
    let gutter: Int
    let width: Int
    let paint: Paint

    /// A row of marks under a line.
    private struct Underline {
        var columns: Range<Int>
        var text: String
        var isPrimary: Bool
    }

    func lines() -> [String] {
        var underlines: [Int: [Underline]] = [:]
        var layouts: [Int: DisplayLine] = [:]
        for mark in block.marks {
            let span = block.lines(of: mark.label)
            for line in Set([span.lowerBound, span.upperBound]) {
                let layout = layouts[line] ?? layoutOf(line)
                layouts[line] = layout
                underlines[line, default: []].append(underline(mark, on: line, of: span, layout))
            }
        }
        var rows: [String] = []
        var previous: Int?
        for line in underlines.keys.sorted() {
            if let previous, line == previous + 2 {
                rows.append(row(line - 1, excerpt(layoutOf(line - 1), focus: 0..<1).text))
            } else if let previous, line > previous + 2 {
                rows.append(paint.frame("..."))
            }
            rows += draw(line, layouts[line] ?? layoutOf(line), underlines[line] ?? [])
            previous = line
        }
        return rows
    }

    private func layoutOf(_ line: Int) -> DisplayLine {
        // What the line is shown for: its primary mark, else its first.
        let marks = block.marks.filter { block.lines(of: $0.label).contains(line) }
        let focus = (marks.first { $0.isPrimary } ?? marks.first)?.label.range.bytes.lowerBound ?? 0
        return DisplayLine(
            file: block.file, bytes: block.file.bytesOfLine(line) ?? 0..<0, focus: focus, reach: 16 * width)
    }

    /// A label over several lines is marked on its first and its last; the text stands at the last.
    private func underline(
        _ mark: SnippetBlock.Mark, on line: Int, of span: ClosedRange<Int>, _ layout: DisplayLine
    ) -> Underline {
        var columns = layout.columns(of: mark.label.range.bytes)
        if span.count > 1 {
            let text = layout.textColumns
            columns =
                line == span.lowerBound
                ? columns.lowerBound..<max(columns.lowerBound + 1, text.upperBound)
                : min(text.lowerBound, columns.upperBound - 1)..<columns.upperBound
        }
        return Underline(
            columns: columns, text: line == span.upperBound ? DisplayText.sanitized(mark.label.text) : "",
            isPrimary: mark.isPrimary)
    }

    private func draw(_ line: Int, _ layout: DisplayLine, _ underlines: [Underline]) -> [String] {
        let lead = underlines.first { $0.isPrimary } ?? underlines.first
        let shown = excerpt(layout, focus: lead?.columns ?? 0..<1)
        var rows = [row(line, shown.text)]
        for underline in underlines {
            let start = max(underline.columns.lowerBound, shown.columns.lowerBound)
            let end = max(start + 1, min(underline.columns.upperBound, shown.columns.upperBound))
            let indent = String(repeating: " ", count: max(0, start - shown.columns.lowerBound + shown.indent))
            let sign = String(repeating: underline.isPrimary ? "^" : "-", count: end - start)
            let text = underline.text.isEmpty ? sign : "\(sign) \(underline.text)"
            rows.append(
                paint.frame("\(margin) |") + " \(indent)" + (underline.isPrimary ? paint.severity(text) : paint.frame(text)))
        }
        return rows
    }

    /// The whole line, or the columns around what matters with `...` for what was left out.
    private func excerpt(_ layout: DisplayLine, focus: Range<Int>) -> (text: String, columns: Range<Int>, indent: Int) {
        guard layout.width > width else { return (layout.text(in: 0..<layout.width), 0..<layout.width, 0) }
        let length = min(focus.count, width * 2 / 3)
        let start = max(0, min(focus.lowerBound - (width - length) / 3, layout.width - width))
        let end = min(layout.width, start + width)
        // Wide characters may be cut by the edges: begin and end at a whole one.
        let cells = layout.cells.filter { $0.column >= start && $0.column + $0.width <= end }
        let columns = (cells.first?.column ?? start)..<(cells.last.map { $0.column + $0.width } ?? end)
        let before = start > 0 || layout.isCut.left ? "..." : ""
        let after = end < layout.width || layout.isCut.right ? "..." : ""
        return (before + layout.text(in: columns) + after, columns, before.utf8.count)
    }

    private var margin: String { String(repeating: " ", count: gutter) }

    private func row(_ line: Int, _ text: String) -> String {
        let number = String(line)
        let padding = String(repeating: " ", count: max(0, gutter - number.utf8.count))
        return paint.frame("\(padding)\(number) |") + (text.isEmpty ? "" : " \(text)")
    }
}
