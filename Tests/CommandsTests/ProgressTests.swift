import BuildSolver
import Diagnostics
import Execution
import Testing

@testable import Commands

struct ProgressTests {
    private func drawn(_ renderer: any ProgressRenderer, _ script: ScriptedBuild.Script) -> String {
        var renderer = renderer
        var text = ""
        for (time, event) in script { text += renderer.tick(at: time) + renderer.handle(event, at: time) }
        return text + renderer.finish(at: script.last?.time ?? 0)
    }

    @Test func plainSuccess() throws {
        try Golden("plain-success.txt").expect(drawn(PlainProgress(), ScriptedBuild.success))
    }

    @Test func plainFailure() throws {
        try Golden("plain-failure.txt").expect(drawn(PlainProgress(), ScriptedBuild.failure))
    }

    /// A step that takes its time is named before it says anything.
    @Test func plainNamesASilentStep() {
        var progress = PlainProgress()
        _ = progress.handle(.planned(ScriptedBuild.steps), at: 0)
        #expect(progress.handle(.started(id: 4), at: 1) == "")
        #expect(progress.tick(at: 1.1) == "")
        #expect(progress.tick(at: 1.3) == "#4 [builder 4/4] RUN go build -o /server .\n")
        #expect(progress.tick(at: 1.4) == "")
        #expect(progress.finish(at: 2) == "")
    }

    @Test func plainInColour() throws {
        try Golden("plain-colour.txt").expect(drawn(PlainProgress(style: Style(colour: true)), ScriptedBuild.success))
    }

    @Test func rawJSON() throws {
        let result = JSONProgress.result(try ScriptedBuild.report())
        try Golden("rawjson.txt").expect(drawn(JSONProgress(), ScriptedBuild.success) + result)
    }

    @Test func rawJSONFailure() throws {
        let range = ScriptedBuild.steps[3].origin
        let diagnostic = Diagnostic(
            .error, "run-failed", "RUN exited with code 1", at: range.map { .init($0) }, help: "a \"hint\"")
        try Golden("rawjson-failure.txt").expect(
            drawn(JSONProgress(), ScriptedBuild.failure) + JSONProgress.failure(diagnostic))
    }

    @Test func quietSaysNothing() { #expect(drawn(QuietProgress(), ScriptedBuild.success) == "") }

    /// A character whose bytes come in two pieces is not cut.
    @Test func rawJSONKeepsCharactersWhole() {
        var progress = JSONProgress()
        var text = ""
        for byte in Array("größe €🚢".utf8) { text += progress.handle(.output(id: 1, .init(.stdout, [byte])), at: 0) }
        #expect(!text.contains("\u{FFFD}"))
        #expect(text.contains(#""data":"🚢""#))
    }

    /// The screen at every moment that is worth a look, at several widths.
    @Test(arguments: [100, 60, 24]) func live(columns: Int) throws {
        var progress = TerminalProgress(columns: columns, rows: 24, style: .plain)
        var screen = Screen(columns: columns)
        var text = ""
        var last = 0.0
        for (time, event) in ScriptedBuild.success {
            if time > last {
                screen.write(progress.tick(at: last))
                text += "---- \(last)\n\(screen.text)\n"
                last = time
            }
            screen.write(progress.handle(event, at: time))
        }
        screen.write(progress.tick(at: last))
        text += "---- \(last)\n\(screen.text)\n"
        #expect(!screen.cursorVisible)
        screen.write(progress.finish(at: last))
        text += "---- end\n\(screen.text)\n"
        #expect(screen.cursorVisible)
        try Golden("live-\(columns).txt").expect(text)
    }

    @Test func liveFailureShowsAllOfTheOutput() throws {
        var progress = TerminalProgress(columns: 80, rows: 24, style: .plain)
        var screen = Screen(columns: 80)
        for (time, event) in ScriptedBuild.failure {
            screen.write(progress.handle(event, at: time))
            screen.write(progress.tick(at: time))
        }
        screen.write(progress.finish(at: 2))
        try Golden("live-failure.txt").expect(screen.text + "\n")
    }

    @Test func liveSideBySide() throws {
        var progress = TerminalProgress(columns: 120, rows: 24, style: .plain)
        var screen = Screen(columns: 120)
        screen.write(progress.handle(.planned(ScriptedBuild.steps), at: 0))
        for id in [4, 6, 8] { screen.write(progress.handle(.started(id: id), at: Double(id))) }
        for (id, line) in [(4, "one"), (4, "two"), (6, "größe"), (6, "b"), (6, "c"), (6, "d")] {
            screen.write(progress.handle(ScriptedBuild.output(id, line + "\n"), at: 9))
        }
        screen.write(progress.tick(at: 70))
        let wide = screen.text
        // A second tick without news writes nothing; a narrower terminal stacks the stages.
        #expect(progress.tick(at: 70).isEmpty)
        progress.resize(columns: 70, rows: 24)
        var narrow = Screen(columns: 70)
        narrow.write(String(repeating: "\n", count: 20))
        narrow.write(progress.tick(at: 71))
        try Golden("live-stages.txt").expect(wide + "\n----\n" + narrow.text.drop { $0 == "\n" } + "\n")
    }

    struct Size: Sendable {
        var columns: Int
        var rows: Int
    }

    /// However small the terminal: no line is wider, and the region never taller.
    @Test(arguments: [(1, 1), (10, 2), (20, 5), (37, 3), (300, 4)].map { Size(columns: $0.0, rows: $0.1) })
    func liveFits(size: Size) {
        var progress = TerminalProgress(columns: size.columns, rows: size.rows, style: .plain)
        _ = progress.handle(.planned(ScriptedBuild.steps), at: 0)
        for id in 1...8 { _ = progress.handle(.started(id: id), at: 0) }
        for id in 1...8 {
            _ = progress.handle(ScriptedBuild.output(id, "説明 of many words, more than fit\n"), at: 0)
        }
        let text = progress.tick(at: 1).replacing("\u{1B}[?25l", with: "")
        let lines = text.split(separator: "\n")
        #expect(!lines.isEmpty && lines.count <= max(2, size.rows))
        #expect(lines.allSatisfy { TextWidth.cells(String($0)) <= max(10, size.columns) })
    }

    @Test func modes() {
        #expect(ProgressMode.auto.resolved(isTerminal: true, isDumb: false) == .tty)
        #expect(ProgressMode.auto.resolved(isTerminal: false, isDumb: false) == .plain)
        #expect(ProgressMode.tty.resolved(isTerminal: true, isDumb: true) == .plain)
        #expect(ProgressMode.rawjson.resolved(isTerminal: true, isDumb: false) == .rawjson)
        #expect(ProgressMode.quiet.resolved(isTerminal: false, isDumb: true) == .quiet)
    }
}
