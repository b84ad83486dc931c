import BuildSolver
import Diagnostics
import HostSystem

/// What `builder prune --filter KEY=VALUE` asks for. The types are BuildKit's names for kinds of cache.
struct CacheMountFilter {
    enum Kind: String, CaseIterable {
        case steps = "regular"
        case mounts = "exec.cachemount"
    }

    private(set) var kind: Kind?
    private var ids: Set<String> = []
    private var until: Timestamp?

    private static let keys = ["type", "id", "until"]

    init(_ texts: [String], at now: Timestamp) throws {
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw UsageError(
                    "the filter \"\(text)\" is not of the form KEY=VALUE",
                    help: "keys are " + Self.keys.joined(separator: ", "))
            }
            let value = String(text[text.index(after: equals)...])
            switch text[..<equals] {
            case "type":
                guard let known = Kind(rawValue: value) else {
                    let all = Kind.allCases.map(\.rawValue)
                    throw UsageError(
                        "there is no cache of type \"\(value)\"",
                        help: all.suggestion(for: value) ?? "types are \(all.joined(separator: " and "))")
                }
                kind = known
            case "id": ids.insert(value)
            case "until": until = try PointInTime.parse(value, at: now)
            default:
                throw UsageError(
                    "there is no filter \"\(text[..<equals])\"",
                    help: Self.keys.suggestion(for: String(text[..<equals])) ?? "keys are " + Self.keys.joined(separator: ", "))
            }
        }
        if kind != .mounts, !ids.isEmpty || until != nil {
            throw UsageError(
                "the filters id and until choose among cache mounts", help: "add --filter type=exec.cachemount")
        }
    }

    func keeps(_ entry: CacheMountStore.Entry) -> Bool {
        (ids.isEmpty || ids.contains(entry.id)) && until.map { entry.lastUsed < $0 } != false
    }
}
