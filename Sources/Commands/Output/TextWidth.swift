/// How many terminal cells a text takes, and texts made to fit them. Knows no escape sequences: style afterwards.
enum TextWidth {
    static func cells(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20..<0x7F: return 1
        case 0..<0x20, 0x7F..<0xA0, 0xAD: return 0
        case 0x200B...0x200F, 0x2060, 0xFE00...0xFE0F, 0xFEFF: return 0
        // East Asian wide and fullwidth blocks, and the pictographs.
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: return 0
            default: return 1
            }
        }
    }

    static func cells(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + cells($1) } }

    /// The text cut to a width, with an ellipsis where something is missing.
    static func fit(_ text: String, _ width: Int) -> String {
        guard width > 0 else { return "" }
        // Every byte of a short ASCII text is at most a cell.
        if text.utf8.count <= width { return text }
        guard cells(text) > width else { return text }
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            let cells = cells(scalar)
            if used + cells > width - 1 { break }
            kept.append(scalar)
            used += cells
        }
        return String(kept) + "…"
    }

    /// Cut or filled with spaces to exactly this width.
    static func left(_ text: String, _ width: Int) -> String {
        let fitted = fit(text, width)
        return fitted + String(repeating: " ", count: max(0, width - cells(fitted)))
    }

    static func right(_ text: String, _ width: Int) -> String {
        let fitted = fit(text, width)
        return String(repeating: " ", count: max(0, width - cells(fitted))) + fitted
    }
}
