import OCI
import Testing

@testable import ImageAnalysis

/// What layers do to each other.
struct StackTests {
    private func analysis(_ layers: [SampleLayer.Item]...) async throws -> ImageAnalysis {
        try await ImageAnalysis(layers.map { try SampleLayer($0).source }, history: [])
    }

    /// `modified content etc/motd 5`.
    private func lines(_ analysis: ImageAnalysis, _ layer: Int) -> [String] {
        analysis.changes(of: layer).map { change in
            let how = change.modification.map { " \($0.rawValue)" } ?? ""
            let link = change.linkName.map { " -> \($0)" } ?? ""
            return "\(change.change.rawValue)\(how) \(change.kind.rawValue) \(change.path) \(change.size)\(link)"
        }
    }

    @Test func theFirstLayerAddsEverything() async throws {
        let analysis = try await analysis([
            .directory("etc"), .file("etc/motd", "hello"), .symlink("motd", "etc/motd"), .hardLink("etc/same", "etc/motd"),
        ])
        #expect(
            lines(analysis, 0) == [
                "added directory etc 0", "added file etc/motd 5", "added symlink motd 0 -> etc/motd",
                "added hardLink etc/same 0 -> etc/motd",
            ])
        #expect(analysis.sizeBytes == 5)
        #expect(analysis.deadBytes.isEmpty && analysis.inefficientFiles.isEmpty && analysis.efficiencyScore == 1)
    }

    struct Rewrite: Sendable, CustomTestStringConvertible {
        var name: String
        var below: SampleLayer.Item
        var above: SampleLayer.Item
        var expected: String
        var testDescription: String { name }
    }

    static let rewrites = [
        Rewrite(name: "other bytes", below: .file("f", "one"), above: .file("f", "two!"), expected: "modified content file f 4"),
        Rewrite(name: "same length", below: .file("f", "one"), above: .file("f", "two"), expected: "modified content file f 3"),
        Rewrite(
            name: "mode", below: .file("f", "one"), above: .file("f", "one", mode: 0o755),
            expected: "modified attributes file f 3"),
        Rewrite(
            name: "time", below: .file("f", "one"), above: .file("f", "one", modified: 7), expected: "modified times file f 3"),
        Rewrite(name: "the same again", below: .file("f", "one"), above: .file("f", "one"), expected: "modified nothing file f 3"),
        Rewrite(name: "a link", below: .file("f", "one"), above: .symlink("f", "g"), expected: "modified content symlink f 0 -> g"),
        Rewrite(name: "link target", below: .symlink("f", "a"), above: .symlink("f", "b"), expected: "modified content symlink f 0 -> b"),
        Rewrite(name: "removed", below: .file("f", "one"), above: .removed("f"), expected: "removed file f 3"),
        Rewrite(name: "a directory again", below: .directory("f"), above: .directory("f"), expected: "modified nothing directory f 0"),
    ]

    @Test(arguments: rewrites) func aSecondLayer(_ rewrite: Rewrite) async throws {
        let analysis = try await analysis([rewrite.below], [rewrite.above])
        #expect(lines(analysis, 1) == [rewrite.expected])
    }

    @Test func aRemovedDirectoryTakesAllItsBytes() async throws {
        let analysis = try await analysis(
            [.directory("d"), .file("d/a", "12345"), .directory("d/e"), .file("d/e/b", "123"), .file("kept", "1")],
            [.removed("d")])
        #expect(lines(analysis, 1) == ["removed directory d 8"])
        #expect(analysis.deadByteCount == 8)
        let dead = try #require(analysis.deadBytes.first)
        #expect(dead.layer == 0 && dead.hiddenBy == 1 && dead.files == 2)
        #expect(dead.examples.map(\.path) == ["d/a", "d/e/b"])
    }

    /// A whiteout says nothing of what its own layer brings (image-spec layer.md, "Whiteouts").
    @Test func whiteoutsHideOnlyWhatIsBelow() async throws {
        let analysis = try await analysis(
            [.file("d/old", "123")], [.file("d/new", "12"), .emptied("d"), .file("f", "1"), .removed("f")])
        #expect(lines(analysis, 1) == ["removed file d/old 3", "added file d/new 2", "added file f 1"])
        #expect(analysis.deadByteCount == 3)
    }

    @Test func aFileInPlaceOfADirectoryHidesWhatWasInIt() async throws {
        let analysis = try await analysis([.directory("d"), .file("d/a", "12345")], [.file("d", "1")], [.file("d/a", "12")])
        #expect(analysis.deadByteCount == 5)
        #expect(lines(analysis, 1) == ["modified content file d 1"])
        #expect(lines(analysis, 2) == ["added file d/a 2"])
    }

    @Test func aHardLinkKeepsBytesAlive() async throws {
        let kept = try await analysis([.file("a", "12345"), .hardLink("b", "a")], [.removed("a")])
        #expect(kept.deadBytes.isEmpty)
        let gone = try await analysis([.file("a", "12345"), .hardLink("b", "a")], [.removed("a")], [.removed("b")])
        #expect(gone.deadBytes.map(\.bytes) == [5] && gone.deadBytes.first?.hiddenBy == 2)
        let linkedLater = try await analysis([.file("a", "12345")], [.hardLink("b", "a")], [.removed("a")])
        #expect(linkedLater.deadBytes.isEmpty)
    }

    @Test func theSameBytesUnderTwoNamesAreDuplicates() async throws {
        let analysis = try await analysis(
            [.file("a", "same bytes"), .file("b", "same bytes"), .hardLink("c", "a"), .file("d", "other")],
            [.file("e", "same bytes")])
        #expect(analysis.duplicates.map(\.paths) == [["a", "b", "e"]])
        #expect(analysis.duplicates.first?.savedBytes == 20)
    }

    @Test func historyNamesTheLayers() async throws {
        let layers = [try SampleLayer([.file("a", "1")]), try SampleLayer([.file("b", "2")])]
        let history = [
            History(createdBy: "ENV A=1", emptyLayer: true), History(createdBy: "COPY a"), History(createdBy: "COPY b"),
        ]
        let analysis = try await ImageAnalysis(layers.map(\.source), history: history, baseLayers: 1)
        #expect(analysis.layers.map(\.command) == ["COPY a", "COPY b"])
        #expect(analysis.layers.map(\.isBase) == [true, false])
    }

    @Test func aLayerThatIsNotWhatTheImageSaysIsRefused() async throws {
        var layer = try SampleLayer([.file("a", "1")])
        layer.source.diffID = try SampleLayer([.file("a", "2")]).source.diffID
        await #expect(throws: AnalysisError.self) { try await ImageAnalysis([layer.source], history: []) }
    }
}
