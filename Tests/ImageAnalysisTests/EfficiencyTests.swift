import Testing

@testable import ImageAnalysis

/// dive's numbers, worked out by hand from how it defines them: for every path that is a leaf of a layer's own tree, all
/// copies together against the smallest; a whiteout is a copy, of the whole size for a directory and of none for a file.
struct EfficiencyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var layers: [[SampleLayer.Item]]
        var wasted: Int64
        /// Smallest copies, and all copies.
        var score: (Int64, Int64)
        /// Ours.
        var dead: Int64
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "nothing twice", layers: [[.file("a", "1234")], [.file("b", "12")]], wasted: 0, score: (6, 6), dead: 0),
        // Both copies count, though only one can be saved.
        Case(
            name: "rewritten", layers: [[.file("a", "1234567890")], [.file("a", "0987654321")]], wasted: 20,
            score: (10, 20), dead: 10),
        Case(
            name: "rewritten smaller", layers: [[.file("a", "12345678"), .file("b", "1")], [.file("a", "12")]], wasted: 10,
            score: (3, 11), dead: 8),
        // The whiteout is a copy of nothing.
        Case(
            name: "file removed", layers: [[.file("a", "12345")], [.removed("a")]], wasted: 5, score: (0, 5), dead: 5),
        // The directory is no leaf of its own layer; its whiteout is the only node with that path. Its files occur once.
        Case(
            name: "directory removed", layers: [[.directory("d"), .file("d/a", "12345")], [.removed("d")]], wasted: 0,
            score: (10, 10), dead: 5),
        // An empty directory is a leaf, of no size; then the whiteout is its second copy.
        Case(
            name: "directory filled, then removed",
            layers: [[.directory("d")], [.file("d/a", "12345")], [.removed("d")]], wasted: 5, score: (5, 10), dead: 5),
        Case(
            name: "chmod in a layer of its own", layers: [[.file("a", "12345")], [.file("a", "12345", mode: 0o755)]],
            wasted: 10, score: (5, 10), dead: 5),
        Case(name: "empty", layers: [], wasted: 0, score: (0, 0), dead: 0),
    ]

    @Test(arguments: cases) func measure(_ item: Case) async throws {
        let analysis = try await ImageAnalysis(item.layers.map { try SampleLayer($0).source }, history: [])
        #expect(analysis.inefficientBytes == item.wasted)
        let score = item.score.1 == 0 ? 1 : Double(item.score.0) / Double(item.score.1)
        #expect(abs(analysis.efficiencyScore - score) < 1e-12)
        #expect(analysis.deadByteCount == item.dead)
    }

    @Test func wasteIsMeasuredAgainstAllLayersButTheFirst() async throws {
        let layers = try [
            SampleLayer([.file("base", "1234567890")]), SampleLayer([.file("a", "12345")]), SampleLayer([.file("a", "54321")]),
        ]
        let analysis = try await ImageAnalysis(layers.map(\.source), history: [])
        #expect(analysis.userWastedShare == 1)
        let alone = try await ImageAnalysis([layers[0].source], history: [])
        #expect(alone.userWastedShare == 0)
    }

    @Test func theGateFailsByWhatItIsTold() async throws {
        let layers = try [SampleLayer([.file("a", "12345"), .file("b", "1234567890")]), SampleLayer([.file("a", "54321")])]
        let analysis = try await ImageAnalysis(layers.map(\.source), history: [])
        func statuses(_ gate: WasteGate) -> [String] { gate.verdicts(on: analysis).map { "\($0.rule) \($0.status.rawValue)" } }
        #expect(
            statuses(.standard) == [
                "highestUserWastedPercent failed", "highestWastedBytes skipped", "lowestEfficiency failed",
            ])
        #expect(
            statuses(WasteGate(lowestEfficiency: 0.75, highestWastedBytes: 10, highestUserWastedPercent: 2)) == [
                "highestUserWastedPercent passed", "highestWastedBytes passed", "lowestEfficiency passed",
            ])
        #expect(WasteGate(highestWastedBytes: 9).verdicts(on: analysis)[1].reason == "10 bytes are wasted, more than 9")
        #expect(WasteGate.percent(0.98765) == "98.77%" && WasteGate.percent(1) == "100.00%" && WasteGate.percent(0.0501) == "5.01%")
    }
}
