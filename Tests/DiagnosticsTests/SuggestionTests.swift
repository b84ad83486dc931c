import Diagnostics
import Testing

@Suite struct SuggestionTests {
    struct Case {
        var typed: String
        var candidates: [String]
        var expected: String?
    }

    static let keywords = ["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "RUN", "USER", "WORKDIR"]

    @Test(arguments: [
        Case(typed: "CPOY", candidates: keywords, expected: "COPY"), Case(typed: "form", candidates: keywords, expected: "FROM"),
        Case(typed: "RUNN", candidates: keywords, expected: "RUN"), Case(typed: "WROKDIR", candidates: keywords, expected: "WORKDIR"),
        Case(typed: "ENTRY", candidates: keywords, expected: "ENTRYPOINT"),
        Case(typed: "ENTRIPONT", candidates: keywords, expected: "ENTRYPOINT"),
        Case(typed: "NOPE", candidates: keywords, expected: nil), Case(typed: "This", candidates: keywords, expected: nil),
        Case(typed: "x", candidates: keywords, expected: nil), Case(typed: "", candidates: keywords, expected: nil),
        Case(typed: "x", candidates: [], expected: nil), Case(typed: "x", candidates: ["", "y"], expected: nil),
        Case(typed: "bulder", candidates: ["base", "builder", "build"], expected: "builder"),
        // Of two as near, the first in the alphabet: the answer does not depend on the order of a dictionary.
        Case(typed: "ax", candidates: ["az", "ay"], expected: "ay"),
        Case(typed: String(repeating: "a", count: 100), candidates: keywords, expected: nil),
    ])
    func nearest(_ test: Case) {
        #expect(Suggestion.nearest(to: test.typed, among: test.candidates) == test.expected, "\(test.typed)")
    }

    @Test func question() {
        #expect(Suggestion.question(for: "CPOY", among: Self.keywords) == "did you mean \"COPY\"?")
        #expect(Suggestion.question(for: "NOPE", among: Self.keywords) == nil)
    }
}
