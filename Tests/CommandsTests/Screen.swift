/// A terminal of so many columns: understands what the live view writes, and nothing more.
struct Screen {
    private(set) var rows: [[Unicode.Scalar]] = [[]]
    private(set) var cursorVisible = true
    private var row = 0
    private var column = 0
    let columns: Int

    init(columns: Int) { self.columns = columns }

    var text: String {
        rows.map { row in
            var line = String(String.UnicodeScalarView(row))
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    mutating func write(_ text: String) {
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\n": newLine()
            case "\u{1B}": escape(&scalars)
            default: put(scalar)
            }
        }
    }

    private mutating func newLine() {
        row += 1
        column = 0
        while rows.count <= row { rows.append([]) }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        if column == columns { newLine() }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = scalar
        column += 1
    }

    private mutating func escape(_ scalars: inout String.UnicodeScalarView.Iterator) {
        precondition(scalars.next() == "[")
        var parameters = ""
        while let scalar = scalars.next() {
            guard ("A"..."z").contains(scalar) else {
                parameters.unicodeScalars.append(scalar)
                continue
            }
            switch (scalar, parameters) {
            case ("F", _):
                row = max(0, row - (Int(parameters) ?? 1))
                column = 0
            case ("J", ""):
                rows.removeLast(rows.count - row - 1)
                rows[row].removeLast(max(0, rows[row].count - column))
            case ("h", "?25"): cursorVisible = true
            case ("l", "?25"): cursorVisible = false
            case ("m", _): break
            default: preconditionFailure("unknown sequence ESC [ \(parameters) \(scalar)")
            }
            return
        }
    }
}
