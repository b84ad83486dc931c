import ImageBuild
import Testing

@testable import Commands

struct LedgerTextTests {
    @Test(arguments: [50, 80, 120]) func plain(width: Int) throws {
        let text = LedgerText(try ScriptedBuild.report(), width: width, style: .plain).text
        #expect(text.split(separator: "\n").allSatisfy { TextWidth.cells(String($0)) <= width })
        try Golden("ledger-\(width).txt").expect(text)
    }

    @Test func colour() throws {
        try Golden("ledger-80-colour.txt").expect(
            LedgerText(try ScriptedBuild.report(), width: 80, style: Style(colour: true)).text)
    }

    @Test func scratchWithNothingLeftBehind() throws {
        var report = try ScriptedBuild.report()
        report.references = []
        report.ledger = Ledger(
            baseName: "scratch", base: .init(),
            rows: [.init(title: "COPY app /", line: nil, size: .init(unpacked: 999, compressed: 1_000))],
            jettisoned: [], skippedStages: [], cachedSteps: 0, ranSteps: 1, seconds: 0.03)
        try Golden("ledger-scratch.txt").expect(LedgerText(report, width: 80, style: .plain).text)
    }
}
