import BuildContext
import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage

/// The answer of `context why` as text and as JSON.
enum ContextAnswerReport {
    static func text(_ answer: ContextAnswer) -> String {
        switch answer {
        case .included(let file, let rule):
            let size = file.kind == .file ? ", \(Figures.bytes(file.size))" : ""
            let because = rule.map { ", taken back in by \(ContextReport.place($0))" } ?? ""
            return "\(file.path) is in the context (\(file.type)\(size))\(because)"
        case .excluded(let path, let rule):
            return "\(path) is excluded" + (rule.map { " by \(ContextReport.place($0))" } ?? "")
        case .missing(let path, let rule, let suggestions):
            let excluded = rule.map { "; \(ContextReport.place($0)) would exclude it" } ?? ""
            let hint = suggestions.isEmpty ? "" : "; did you mean " + suggestions.joined(separator: " or ") + "?"
            return "\(path) does not exist" + excluded + hint
        case .broken(let link): return "\(link) is a symlink that leads to nothing inside the context"
        }
    }

    static func json(_ answer: ContextAnswer) -> JSONText {
        switch answer {
        case .included(let file, let rule):
            return object("included", ContextReport.members(of: file), rule)
        case .excluded(let path, let rule):
            return object("excluded", [.init("path", .string(path.string))], rule)
        case .missing(let path, let rule, let suggestions):
            let members: [JSONText.Member] = [
                .init("path", .string(path.string)), .init("suggestions", .array(suggestions.map { .string($0) })),
            ]
            return object("missing", members, rule)
        case .broken(let link): return object("broken", [.init("path", .string(link.string))], nil)
        }
    }

    private static func object(_ status: String, _ members: [JSONText.Member], _ rule: IgnoreRule?) -> JSONText {
        .object([.init("status", .string(status))] + members + (rule.map { ContextReport.members(of: $0) } ?? []))
    }
}
