import SystemPackage
import TestSupport
import Testing

/// COVERAGE.md says which folders stand for which construct: no construct without a case, no case without a construct.
@Suite struct CoverageTests {
    private struct Row {
        var construct: String
        var patterns: [Substring]
    }

    private static func rows() throws -> [Row] {
        let text = try CaseStore.text(CaseStore.root.appending("COVERAGE.md"))
        return text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| Construct") }.map { line in
            // The patterns stand behind the last bar but one: constructs may hold bars of their own.
            let cells = line.split(separator: "|")
            let patterns = (cells.last ?? "").split(separator: "`").filter { $0.contains("/") }
            return Row(construct: cells.first.map(String.init) ?? "", patterns: patterns)
        }
    }

    /// A star stands for anything.
    private static func matches(_ name: String, _ pattern: Substring) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return name == pattern }
        return parts.count == 2 && name.hasPrefix(first) && name.hasSuffix(last) && name.utf8.count >= pattern.utf8.count - 1
    }

    @Test func everyConstructHasCases() throws {
        let names = try Case.all().map(\.name)
        let rows = try Self.rows()
        #expect(rows.count >= 50)
        for row in rows {
            #expect(!row.patterns.isEmpty, "no case for \(row.construct)")
            for pattern in row.patterns {
                #expect(names.contains { Self.matches($0, pattern) }, "no folder is \(pattern), of \(row.construct)")
            }
        }
    }

    @Test func everyCaseStandsForAConstruct() throws {
        let patterns = try Self.rows().flatMap(\.patterns)
        for test in try Case.all() {
            #expect(patterns.contains { Self.matches(test.name, $0) }, "no row of COVERAGE.md has \(test.name)")
        }
    }

    @Test func thereAreManyAndEachExpectsSomething() throws {
        let cases = try Case.all()
        #expect(cases.count >= 600)
        for test in cases {
            let expected = ["tree", "config.json", "stderr", "stdout", "history", "times"].filter { test.fixture.exists("expected.\($0)") }
            #expect(!expected.isEmpty, "\(test.name) expects nothing")
            for name in expected where name != "tree" {
                #expect(try test.text(of: "expected.\(name)")?.isEmpty == false, "\(test.name)/expected.\(name) is empty")
            }
        }
    }
}
