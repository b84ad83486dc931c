import BuildSolver
import Testing

@testable import Commands
@testable import ImageBuild

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

struct PlanTextTests {
    @Test func everyState() throws {
        let states: [PredictedStep.State] = [
            .cached, .cached, .run(reason: "the copied files changed", seconds: nil),
            .run(reason: "the step below it changed", seconds: 12.4), .skipped, .skipped, .cached,
            .run(reason: "first build of this step", seconds: nil),
        ]
        let steps = zip(ScriptedBuild.steps, states).map { PredictedStep(step: $0, state: $1) }
        try Golden("plan.txt").expect(PlanText(steps: steps).text)
    }
}
