/// Columns under a header, aligned with spaces: what listings print.
///
/// Column widths follow Go's `text/tabwriter` as docker configures it (at least ten cells, three of padding), so that
/// scripts that cut docker's columns cut ours. The last column is never padded.
package struct Table: Sendable {
    package enum Alignment: Sendable { case left, right }

    package var header: [String]
    package var rows: [[String]]
    /// By column; columns beyond the end are left-aligned.
    package var alignments: [Alignment]

    package init(header: [String], rows: [[String]] = [], alignments: [Alignment] = []) {
        self.header = header
        self.rows = rows
        self.alignments = alignments
    }

    /// The table with a line feed after every line.
    package func rendered(minimumWidth: Int = 10, padding: Int = 3) -> String {
        let lines = (header.isEmpty ? [] : [header]) + rows
        let cells = lines.map { $0.map(Self.printable) }
        return Self.align(cells, alignments, minimumWidth: minimumWidth, padding: padding)
    }

    /// Aligns text whose cells end with tabs and lines with line feeds.
    package static func aligned(_ text: String, minimumWidth: Int = 10, padding: Int = 3) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let cells = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        return align(cells, [], minimumWidth: minimumWidth, padding: padding)
    }

    /// One line that cannot steer a terminal: tabs and line breaks are spaces, other control characters a replacement.
    package static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t", "\n", "\r": scalars.append(" ")
            case _ where scalar.properties.generalCategory == .control: scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func align(
        _ lines: [[String]], _ alignments: [Alignment], minimumWidth: Int, padding: Int
    ) -> String {
        let widths = columnWidths(lines, minimumWidth: minimumWidth, padding: padding)
        var text = ""
        for (cells, width) in zip(lines, widths) {
            for (column, cell) in cells.enumerated() {
                let isRight = column < alignments.count && alignments[column] == .right
                if column == cells.count - 1, !isRight {
                    text += cell
                } else {
                    let room = column < width.count ? width[column] : cell.unicodeScalars.count
                    let fill = max(0, room - cell.unicodeScalars.count)
                    let gap = column == cells.count - 1 ? 0 : min(padding, fill)
                    let spaces = String(repeating: " ", count: isRight ? fill - gap : fill)
                    text += isRight ? spaces + cell + String(repeating: " ", count: gap) : cell + spaces
                }
            }
            text += "\n"
        }
        return text
    }

    /// Widths by line: a column is a run of consecutive lines that all have a tab-terminated cell in it.
    private static func columnWidths(_ lines: [[String]], minimumWidth: Int, padding: Int) -> [[Int]] {
        var widths = lines.map { [Int](repeating: 0, count: max(0, $0.count - 1)) }
        for column in 0..<(widths.map(\.count).max() ?? 0) {
            var start = 0
            while start < lines.count {
                guard column < widths[start].count else {
                    start += 1
                    continue
                }
                var end = start
                var width = minimumWidth
                while end < lines.count, column < widths[end].count {
                    width = max(width, lines[end][column].unicodeScalars.count + padding)
                    end += 1
                }
                for line in start..<end { widths[line][column] = width }
                start = end
            }
        }
        return widths
    }
}
