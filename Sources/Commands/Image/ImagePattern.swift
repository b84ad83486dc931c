import OCI

/// Which references a person means by `NAME[:TAG]` with wildcards, as `docker images NAME` and `--filter reference=` take it.
struct ImagePattern {
    private let text: String
    /// What the text means when it is a plain name.
    private let reference: Reference?

    init(_ text: String) {
        self.text = text
        reference = try? Reference(parsing: text)
    }

    /// A pattern without a tag is for all tags; `*` does not cross a slash.
    func matches(_ name: Reference) -> Bool {
        if let reference, reference.name == name.name {
            let saysTag = text.dropFirst(
                text.lastIndex(of: "/").map { text.distance(from: text.startIndex, to: $0) } ?? 0
            ).contains(":")
            if reference.digest == nil, !saysTag || reference.tag == name.tag { return true }
        }
        let isFull = text.hasPrefix(Reference.defaultRegistry + "/")
        return (isFull ? [name.name, name.description] : [name.familiarName, name.familiar]).contains {
            Self.matches(text, $0)
        }
    }

    static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var (p, t) = (0, 0)
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" ? text[t] != "/" : pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let held = star, text[held.text] != "/" {
                star = (held.pattern, held.text + 1)
                p = held.pattern + 1
                t = held.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
