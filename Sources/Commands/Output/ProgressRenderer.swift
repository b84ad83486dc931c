package import BuildSolver

/// Draws a build: events in, text for standard error out. Pure; time is handed in, in seconds since the start.
package protocol ProgressRenderer: Sendable {
    /// What to write when this happens.
    mutating func handle(_ event: BuildEvent, at time: Double) -> String
    /// What to write because time has passed. Called about ten times a second.
    mutating func tick(at time: Double) -> String
    /// The terminal is this big from now on.
    mutating func resize(columns: Int, rows: Int)
    /// The last words: the terminal must be as it was found after them.
    mutating func finish(at time: Double) -> String
}

extension ProgressRenderer {
    package mutating func tick(at time: Double) -> String { "" }
    package mutating func resize(columns: Int, rows: Int) {}
    package mutating func finish(at time: Double) -> String { "" }
}

/// How a build is shown.
package enum ProgressMode: String, CaseIterable, Sendable {
    case auto, tty, plain, quiet, rawjson

    /// `auto` decided: live on a terminal that can, plain otherwise. A live view asked for where there is no terminal
    /// is plain too.
    func resolved(isTerminal: Bool, isDumb: Bool) -> ProgressMode {
        switch self {
        case .auto, .tty: isTerminal && !isDumb ? .tty : .plain
        default: self
        }
    }
}

/// Says nothing.
package struct QuietProgress: ProgressRenderer {
    package init() {}
    package mutating func handle(_ event: BuildEvent, at time: Double) -> String { "" }
}
