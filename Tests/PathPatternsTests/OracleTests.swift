import PathPatterns
import Testing

struct OracleTests {
    static let pieces = ["a", "b", "ab", "*", "**", "?", "/", "/", "a*", "**/", "[ab]", "[^a]", "*b", "/**"]
    static let names = ["a", "b", "ab", "ba", "c", "aab"]

    static func pattern(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...5, using: &generator)
        let raw = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "a" }.joined()
        let cleaned = PathCleaning.clean(raw)
        return cleaned.hasPrefix("/") ? String(cleaned.dropFirst()) : cleaned
    }

    static func path(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...4, using: &generator)
        return (0..<count).map { _ in names.randomElement(using: &generator) ?? "a" }.joined(separator: "/")
    }

    @Test func patternsAgreeWithTheNaiveOracle() throws {
        var generator = SeededGenerator(seed: 1)
        var hits = 0
        for _ in 0..<4000 {
            let text = Self.pattern(&generator)
            guard !text.isEmpty else { continue }
            let pattern = try PathPattern(text, dialect: .recursive)
            for _ in 0..<4 {
                let path = Self.path(&generator)
                let expected = NaiveOracle.matches(text, path)
                if expected { hits += 1 }
                #expect(pattern.matches(path) == expected, "\(text) on \(path)")
            }
        }
        #expect(hits > 1000)
    }

    @Test func listsAgreeWithTheNaiveOracle() throws {
        var generator = SeededGenerator(seed: 2)
        var excluded = 0
        for _ in 0..<2500 {
            let patterns = Self.patterns(&generator)
            let list = try PatternList(patterns)
            for _ in 0..<6 {
                let path = Self.path(&generator)
                let expected = NaiveOracle.verdict(patterns, on: path)
                let verdict = list.verdict(on: path)
                if expected.excluded { excluded += 1 }
                #expect(verdict.isExcluded == expected.excluded, "\(patterns) on \(path)")
                #expect(verdict.entry == expected.entry, "\(patterns) on \(path)")
            }
        }
        #expect(excluded > 1000)
    }

    /// Names asked of a cursor agree with paths asked whole, and nothing below a skipped directory is included.
    @Test func cursorsAgreeWithTheNaiveOracle() throws {
        var generator = SeededGenerator(seed: 3)
        var skipped = 0
        for _ in 0..<1200 {
            let patterns = Self.patterns(&generator)
            var cursor = PatternCursor(try PatternList(patterns))
            var path = ""
            var isSkipped = false
            for _ in 0..<4 {
                var name = Self.names.randomElement(using: &generator) ?? "a"
                path = path.isEmpty ? name : path + "/" + name
                let expected = NaiveOracle.verdict(patterns, on: path)
                if isSkipped { #expect(expected.excluded, "\(patterns) skipped above \(path)") }
                let asFile = name.withUTF8 { cursor.verdict(on: $0) }
                let asDirectory: PatternVerdict
                (asDirectory, cursor) = name.withUTF8 { cursor.descending(into: $0) }
                #expect(asFile == asDirectory)
                #expect(asFile.isExcluded == expected.excluded, "\(patterns) on \(path)")
                if cursor.excludesEverythingBelow {
                    isSkipped = true
                    skipped += 1
                }
                if cursor.isIdle { #expect(!expected.excluded) }
            }
        }
        #expect(skipped > 100)
    }

    private static func patterns(_ generator: inout SeededGenerator) -> [String] {
        let count = Int.random(in: 1...4, using: &generator)
        return (0..<count).map { _ in
            let text = Self.pattern(&generator)
            let safe = text.isEmpty || text == "." ? "a" : text
            return Int.random(in: 0..<3, using: &generator) == 0 ? "!" + safe : safe
        }
    }
}
