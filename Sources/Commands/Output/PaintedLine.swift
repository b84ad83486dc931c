/// A line of known width in cells, with its colours.
struct PaintedLine: Sendable {
    private(set) var cells = 0
    private(set) var text = ""

    /// Adds a text; `paint` must not change how wide it is.
    mutating func add(_ plain: String, _ paint: (String) -> String = { $0 }) {
        cells += TextWidth.cells(plain)
        text += paint(plain)
    }

    mutating func fill(to width: Int) {
        guard cells < width else { return }
        text += String(repeating: " ", count: width - cells)
        cells = width
    }

    /// `left`, spaces, `right`: the left side gives way when both do not fit.
    static func row(
        _ left: String, _ right: String, width: Int, paintLeft: (String) -> String = { $0 },
        paintRight: (String) -> String = { $0 }
    ) -> PaintedLine {
        var line = PaintedLine()
        let rightCells = TextWidth.cells(right)
        guard rightCells + 2 < width else {
            line.add(TextWidth.fit(left, width), paintLeft)
            return line
        }
        line.add(TextWidth.fit(left, right.isEmpty ? width : width - rightCells - 1), paintLeft)
        if !right.isEmpty {
            line.fill(to: width - rightCells)
            line.add(right, paintRight)
        }
        return line
    }

    mutating func append(_ other: PaintedLine) {
        cells += other.cells
        text += other.text
    }
}
