/// Lexical path rules, without a disk: what Go's `filepath.Clean` does, which the formats we read are defined by.
package enum PathCleaning {
    /// The shortest equal path: no `//`, no `.`, no `x/..`; `..` at the root of an absolute path is dropped, leading
    /// `..` of a relative one stay. The empty path is `.`.
    package static func clean(_ path: String) -> String {
        let rooted = path.utf8.first == slash
        var kept: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            switch part {
            case ".": continue
            case "..":
                if let last = kept.last, last != ".." {
                    kept.removeLast()
                } else if !rooted {
                    kept.append(part)
                }
            default: kept.append(part)
            }
        }
        let joined = kept.joined(separator: "/")
        if rooted { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// The same path seen from a root directory that it cannot leave: relative, cleaned, `..` clamped. The root is `.`.
    package static func insideRoot(_ path: String) -> String {
        let cleaned = clean("/" + path).dropFirst()
        return cleaned.isEmpty ? "." : String(cleaned)
    }

    static let slash = UInt8(ascii: "/")
}
