import ArgumentParser

/// `--format text|json` of commands that print one document.
enum DocumentFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case text, json
}
