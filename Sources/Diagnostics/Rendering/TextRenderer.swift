/// Diagnostics for a person at a terminal: the headline, the lines it is about with marks under what is meant, notes and
/// help.
package struct TextRenderer: Renderer {
    /// ANSI colours.
    package var usesColor: Bool
    /// Lines of source longer than this many columns are shown in part.
    package var width: Int

    package init(usesColor: Bool = false, width: Int = 160) {
        self.usesColor = usesColor
        self.width = max(40, width)
    }

    package func render(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.map(render).joined(separator: "\n")
    }

    private func render(_ diagnostic: Diagnostic) -> String {
        let paint = Paint(isOn: usesColor, severity: diagnostic.severity)
        let blocks = SnippetBlock.blocks(of: diagnostic)
        let gutter = blocks.map(\.gutterWidth).max() ?? 1
        let margin = String(repeating: " ", count: gutter)
        var lines = [
            paint.severity(diagnostic.severity.rawValue)
                + paint.bold(": \(DisplayText.sanitized(diagnostic.message))") + " [\(diagnostic.code)]"
        ]
        for (position, block) in blocks.enumerated() {
            if position > 0 { lines.append(paint.frame("\(margin) |")) }
            let start = block.lead.range.start
            let name = DisplayText.sanitized(block.file.name)
            lines.append(
                margin + paint.frame(position == 0 && diagnostic.primary != nil ? "-->" : ":::")
                    + " \(name):\(start.line):\(start.column)")
            lines.append(paint.frame("\(margin) |"))
            lines += SnippetWriter(block: block, gutter: gutter, width: width, paint: paint).lines()
        }
        for note in diagnostic.notes { lines.append(footer("note", note, margin, paint)) }
        if let help = diagnostic.help { lines.append(footer("help", help, margin, paint)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func footer(_ kind: String, _ text: String, _ margin: String, _ paint: Paint) -> String {
        let rows = text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.sanitized(String($0)) }
        let indent = "\n" + margin + String(repeating: " ", count: kind.utf8.count + 5)
        return "\(margin) \(paint.frame("=")) \(paint.bold(kind)): " + rows.joined(separator: indent)
    }
}

/// The labels of a diagnostic that fall into one file.
struct SnippetBlock {
    struct Mark {
        var label: Diagnostic.Label
        var isPrimary: Bool
    }

    var file: SourceFile
    var marks: [Mark]
    /// Whose place the block is headed with.
    var lead: Diagnostic.Label

    static func blocks(of diagnostic: Diagnostic) -> [SnippetBlock] {
        var marks = diagnostic.secondary.map { Mark(label: $0, isPrimary: false) }
        if let primary = diagnostic.primary { marks.insert(Mark(label: primary, isPrimary: true), at: 0) }
        var blocks: [SnippetBlock] = []
        for mark in marks {
            if let index = blocks.firstIndex(where: { $0.file === mark.label.range.file }) {
                blocks[index].marks.append(mark)
            } else {
                blocks.append(SnippetBlock(file: mark.label.range.file, marks: [mark], lead: mark.label))
            }
        }
        return blocks
    }

    /// Digits of the highest line number shown.
    var gutterWidth: Int { marks.map { String(lines(of: $0.label).upperBound).utf8.count }.max() ?? 1 }

    /// First and last line of a label. A range that ends in a newline ends on the line before.
    func lines(of label: Diagnostic.Label) -> ClosedRange<Int> {
        let first = label.range.start.line
        let bytes = label.range.bytes
        let last = bytes.isEmpty ? first : file.position(of: bytes.upperBound - 1).line
        return first...max(first, last)
    }
}

/// Escape sequences, or nothing.
struct Paint {
    var isOn: Bool
    var severity: Diagnostic.Severity

    func bold(_ text: String) -> String { wrap(text, "1") }
    func frame(_ text: String) -> String { wrap(text, "1;34") }
    func severity(_ text: String) -> String {
        switch severity {
        case .error: wrap(text, "1;31")
        case .warning: wrap(text, "1;33")
        case .info: wrap(text, "1;36")
        case .style: wrap(text, "1;35")
        }
    }

    private func wrap(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
