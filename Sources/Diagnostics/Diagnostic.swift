/// One thing we say to a person: a headline, where it points, what explains it and what to do.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Comparable, CaseIterable {
        case error, warning, info, style
        /// Errors first.
        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// A place in a file, with a short text under the carets.
    package struct Label: Sendable, Hashable {
        package var range: SourceRange
        package var text: String
        package init(_ range: SourceRange, _ text: String = "") {
            self.range = range
            self.text = text
        }
    }

    /// Replaces the bytes of a range; part of a machine-applicable fix.
    package struct TextEdit: Sendable, Hashable {
        package var range: SourceRange
        package var replacement: String
        package init(_ range: SourceRange, _ replacement: String) {
            self.range = range
            self.replacement = replacement
        }
    }

    package var severity: Severity
    /// A stable kebab-case name or a code of the field: `copy-source-not-found`, `DL3020`.
    package var code: String
    /// One headline that names the thing, without a full stop.
    package var message: String
    package var primary: Label?
    package var secondary: [Label]
    package var notes: [String]
    /// What to do, in the imperative.
    package var help: String?
    package var fix: [TextEdit]

    package init(
        _ severity: Severity = .error, _ code: String, _ message: String, at primary: Label? = nil,
        also secondary: [Label] = [], notes: [String] = [], help: String? = nil, fix: [TextEdit] = []
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.primary = primary
        self.secondary = secondary
        self.notes = notes
        self.help = help
        self.fix = fix
    }

    package init(
        _ severity: Severity = .error, _ code: String, _ message: String, at range: SourceRange, _ label: String = "",
        also secondary: [Label] = [], notes: [String] = [], help: String? = nil, fix: [TextEdit] = []
    ) {
        self.init(
            severity, code, message, at: Label(range, label), also: secondary, notes: notes, help: help, fix: fix)
    }
}

/// Several things wrong in user text, thrown together.
package struct DiagnosticsError: Error, Sendable {
    package var diagnostics: [Diagnostic]
    package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
    package init(_ diagnostic: Diagnostic) { self.diagnostics = [diagnostic] }
}

/// An error that knows how to be said.
package protocol DiagnosticConvertible: Error {
    var diagnostics: [Diagnostic] { get }
}

extension DiagnosticsError: DiagnosticConvertible {}

/// What every parser returns: a value, always, and what there is to say about the text.
package struct Parsed<Value: Sendable>: Sendable {
    package var value: Value
    package var diagnostics: [Diagnostic]
    package init(_ value: Value, _ diagnostics: [Diagnostic] = []) {
        self.value = value
        self.diagnostics = diagnostics
    }
    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
