/// Text as a terminal shows it: how many columns each character takes, and nothing that moves the cursor.
enum DisplayText {
    static let tabWidth = 4

    /// Control characters replaced, so that quoted text cannot speak to the terminal.
    static func sanitized(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(result)
    }

    static func isControl(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // Marks that turn the direction of writing make a line look like another one.
        case 0x202A...0x202E, 0x2066...0x2069, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF: true
        default: false
        }
    }

    /// 0 for combining marks, 2 for East Asian wide characters and emoji, otherwise 1.
    static func width(_ scalar: UnicodeScalar) -> Int {
        guard scalar.value >= 0x300 else { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

/// One line of a file laid out in columns.
struct DisplayLine {
    struct Cell {
        var text: String
        var column: Int
        var width: Int
        /// Byte offset in the file.
        var offset: Int
    }

    private(set) var cells: [Cell] = []
    private(set) var width = 0
    /// Whether the line goes on to the left and to the right of what is laid out.
    let isCut: (left: Bool, right: Bool)
    private let end: Int

    /// - Parameters:
    ///   - focus: the byte that must be seen.
    ///   - reach: as many bytes are laid out to either side of it: a line may be megabytes long.
    init(file: SourceFile, bytes: Range<Int>, focus: Int, reach: Int) {
        var bytes = bytes
        let isContinuation = { (offset: Int) in offset < file.bytes.count && file.bytes[offset] & 0xC0 == 0x80 }
        if bytes.count > 2 * reach {
            let middle = min(max(focus, bytes.lowerBound), bytes.upperBound)
            var lower = max(bytes.lowerBound, middle - reach)
            while lower > bytes.lowerBound, isContinuation(lower) { lower -= 1 }
            var upper = min(bytes.upperBound, middle + reach)
            while upper < bytes.upperBound, isContinuation(upper) { upper += 1 }
            isCut = (lower > bytes.lowerBound, upper < bytes.upperBound)
            bytes = lower..<upper
        } else {
            isCut = (false, false)
        }
        let start = bytes.lowerBound == 0 ? min(file.startOfText, bytes.upperBound) : bytes.lowerBound
        end = bytes.upperBound
        var offset = start
        for scalar in file.text(in: start..<end).unicodeScalars {
            var text = String(scalar)
            let length = text.utf8.count
            var cellWidth = DisplayText.width(scalar)
            if scalar == "\t" {
                cellWidth = DisplayText.tabWidth - width % DisplayText.tabWidth
                text = String(repeating: " ", count: cellWidth)
            } else if DisplayText.isControl(scalar) {
                (text, cellWidth) = ("\u{FFFD}", 1)
            }
            cells.append(Cell(text: text, column: width, width: cellWidth, offset: offset))
            width += cellWidth
            offset += length
        }
    }

    /// The columns of some bytes of the file; at least one wide.
    func columns(of bytes: Range<Int>) -> Range<Int> {
        let covered = cells.filter { $0.offset >= bytes.lowerBound && $0.offset < bytes.upperBound }
        guard let first = covered.first, let last = covered.last else {
            let at = cells.first { $0.offset >= bytes.lowerBound }?.column ?? width
            return at..<at + 1
        }
        return first.column..<max(first.column + 1, last.column + last.width)
    }

    /// Columns without leading and trailing blanks.
    var textColumns: Range<Int> {
        let isBlank = { (cell: Cell) in cell.text.allSatisfy { $0 == " " } }
        guard let first = cells.first(where: { !isBlank($0) }), let last = cells.last(where: { !isBlank($0) }) else {
            return 0..<0
        }
        return first.column..<last.column + last.width
    }

    func text(in columns: Range<Int>) -> String {
        cells.filter { $0.column >= columns.lowerBound && $0.column + $0.width <= columns.upperBound }.map(\.text).joined()
    }
}
