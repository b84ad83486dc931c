/// The same rules as the module's, written the slow and obvious way: backtracking over the text, whole paths, every
/// prefix matched anew. Knows `*`, `**`, `?`, `[…]` without escapes.
enum NaiveOracle {
    static func matches(_ pattern: String, _ path: String) -> Bool {
        let text = Array(pattern)
        if text.starts(with: "**"), text.count > 2, text[2] != "/", !text.dropFirst(2).contains(where: "*?[]".contains)
        {
            return path.hasSuffix(String(text.dropFirst(2)))
        }
        return match(text[...], Array(path)[...])
    }

    private static func match(_ pattern: ArraySlice<Character>, _ path: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "*" where rest.first == "*":
            var rest = rest.dropFirst()
            if rest.first == "/" { rest = rest.dropFirst() }
            if rest.isEmpty { return true }
            return match(rest, path)
                || path.indices.contains { path[$0] == "/" && match(rest, path[($0 + 1)...]) }
        case "*":
            if match(rest, path) { return true }
            guard let head = path.first, head != "/" else { return false }
            return match(pattern, path.dropFirst())
        case "?":
            guard let head = path.first, head != "/" else { return false }
            return match(rest, path.dropFirst())
        case "[":
            guard let head = path.first, let close = rest.firstIndex(of: "]") else { return false }
            var members = rest[..<close]
            let isNegated = members.first == "^"
            if isNegated { members = members.dropFirst() }
            return members.contains(head) != isNegated && match(rest[(close + 1)...], path.dropFirst())
        default: return path.first == first && match(rest, path.dropFirst())
        }
    }

    /// Excluded or not, and the index of the last pattern that matched, as BuildKit's walk asks: from the top
    /// directory down, a pattern that could not change the verdict is not asked.
    static func verdict(_ patterns: [String], on path: String) -> (excluded: Bool, entry: Int?) {
        var matchedAbove = Array(repeating: false, count: patterns.count)
        var result: (excluded: Bool, entry: Int?) = (false, nil)
        let parts = path.split(separator: "/")
        for length in 1...parts.count {
            let prefix = parts[..<length].joined(separator: "/")
            result = (false, nil)
            for (index, pattern) in patterns.enumerated() {
                let isNegated = pattern.hasPrefix("!")
                let text = isNegated ? String(pattern.dropFirst()) : pattern
                if !matchedAbove[index] {
                    guard isNegated == result.excluded, matches(text, prefix) else { continue }
                    matchedAbove[index] = true
                }
                result = (!isNegated, index)
            }
        }
        return result
    }
}

/// SplitMix64: the same cases on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
