import Diagnostics

/// What was found wrong with a file. So many messages help nobody, and a large file could fill the memory with them: a
/// thousand are kept, of the others only their number. Errors stay errors.
struct BoundedDiagnostics {
    private static let limit = 1000
    private var kept: [Diagnostic] = []
    private var dropped = 0
    private var firstDropped: Diagnostic?
    private(set) var hasErrors = false

    static func += (list: inout BoundedDiagnostics, more: [Diagnostic]) {
        for diagnostic in more {
            if diagnostic.severity == .error { list.hasErrors = true }
            if list.kept.count < limit {
                list.kept.append(diagnostic)
            } else {
                list.dropped += 1
                list.firstDropped = list.firstDropped ?? diagnostic
            }
        }
    }

    /// By where they point; those that point nowhere first.
    func inFileOrder() -> [Diagnostic] {
        let sorted = kept.enumerated().sorted {
            let left = ($0.element.primary?.range.bytes.lowerBound ?? -1, $0.offset)
            let right = ($1.element.primary?.range.bytes.lowerBound ?? -1, $1.offset)
            return left < right
        }.map(\.element)
        guard let firstDropped else { return sorted }
        let summary = Diagnostic(
            hasErrors ? .error : .warning, "too-many-problems", "\(dropped) more problems are not shown",
            at: firstDropped.primary.map { Diagnostic.Label($0.range) })
        return sorted + [summary]
    }
}
