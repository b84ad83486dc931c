import Diagnostics
import HostSystem

/// Diagnostics as standard error shows them.
enum DiagnosticText {
    static func render(_ diagnostic: Diagnostic, style: Style = .plain) -> String {
        var text = "\(diagnostic.severity.rawValue): \(diagnostic.message)\n"
        if let label = diagnostic.primary {
            text += "  --> \(label.range.file.name):\(label.range.line):\(label.range.start.column)\n"
        }
        for note in diagnostic.notes { text += "   = note: \(note)\n" }
        if let help = diagnostic.help { text += "   = help: \(help)\n" }
        return text
    }
}
