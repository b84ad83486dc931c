/// Finds the word somebody meant.
package enum Suggestion {
    /// The candidate nearest to what was typed, or nil when none is near enough to be worth saying. Case does not count.
    package static func nearest(to typed: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(typed.lowercased().unicodeScalars)
        guard !word.isEmpty, word.count <= 64 else { return nil }
        var best: (candidate: String, distance: Int)?
        let limit = threshold(word.count)
        for candidate in candidates {
            // Most are too long or too short, which their bytes tell without further work.
            guard candidate.utf8.count <= 256 else { continue }
            let other = Array(candidate.lowercased().unicodeScalars)
            guard !other.isEmpty, other.count <= 64 else { continue }
            // A beginning of three letters or more says what was meant, however long the rest is.
            let isBeginning = word.count >= 3 && other.starts(with: word)
            guard isBeginning || abs(word.count - other.count) <= limit else { continue }
            let distance = isBeginning ? 1 : editDistance(word, other)
            guard distance <= limit, distance < max(word.count, other.count) else { continue }
            if let held = best, (held.distance, held.candidate) <= (distance, candidate) { continue }
            best = (candidate, distance)
        }
        return best?.candidate
    }

    /// `did you mean "x"?`, or nil.
    package static func question(for typed: String, among candidates: some Sequence<String>) -> String? {
        nearest(to: typed, among: candidates).map { "did you mean \"\($0)\"?" }
    }

    /// One mistake in short words, then one more for every three letters.
    private static func threshold(_ length: Int) -> Int { length <= 4 ? 1 : min(4, (length + 1) / 3) }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (Damerau and
    /// Levenshtein, each stretch edited once).
    static func editDistance<Letter: Equatable>(_ left: [Letter], _ right: [Letter]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            current.reserveCapacity(right.count + 1)
            for j in right.indices {
                let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
                var least = min(replaced, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] { least = min(least, before[j - 1] + 1) }
                current.append(least)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
