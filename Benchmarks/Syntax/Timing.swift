import BuildPlan
import Diagnostics
import DockerfileSyntax
import Fuzzing
import OCI

/// How long large Dockerfiles take, beside counting the lines of the same bytes.
enum Timing {
    /// - Parameter filter: only the cases whose name holds it.
    static func run(_ filter: String) {
        Self.filter = filter
        print("what                                      MB    parse ms    lines ms     ratio")
        let lines = "RUN apt-get install --yes package && make all\n"
        measure("many short lines", "FROM a\n" + String(repeating: lines, count: 10_000_000 / lines.utf8.count))
        measure("one line with continuations", "FROM a\nRUN x" + String(repeating: " && package --yes 'a b' \\\n", count: 385_000) + "\n")
        measure("one line", "FROM a\nRUN " + String(repeating: "x", count: 10_000_000) + "\n")
        measure("one heredoc", "FROM a\nCOPY <<EOF /x\n" + String(repeating: "the text of a file, a line of it\n", count: 303_000) + "EOF\n")
        measure("comments", "FROM a\n" + String(repeating: "# a comment of some length, nothing else\n", count: 244_000))
        measure("not ASCII", "FROM a\n" + String(repeating: "RUN echo \u{E4}\u{F6}\u{FC} \u{201C}\u{4E16}\u{754C}\u{201D} \u{1F600} \u{2013} \u{A0}\n", count: 250_000))
        measure("many diagnostics", "FROM a\n" + String(repeating: "COPY --form=x \u{201C}a\u{201D} /b # c\n", count: 300_000))
        measure("prose", "FROM a\n" + String(repeating: "this is no instruction at all\n", count: 333_000))
        let nested = String(repeating: "${a:-", count: 60) + "x" + String(repeating: "}", count: 60)
        measure("nested substitutions", "FROM a\n" + String(repeating: "ENV A=\(nested)\n", count: 27_000))
        measure("too deeply nested", "FROM a\nENV A=" + String(repeating: "${a:-", count: 1_000_000) + String(repeating: "}", count: 1_000_000) + "\n")
        print("\nplanned too")
        plan("100,000 stages", (0..<100_000).map { "FROM \($0 == 0 ? "scratch" : "s\($0 - 1)") AS s\($0)\nENV A=$A\n" }.joined())
        plan("100,000 stages, all near-misses", (0..<100_000).map { "FROM scratch AS stage\($0)\nCOPY --from=stag\($0) /a /b\n" }.joined())
        plan("100,000 arguments", "FROM scratch\n" + (0..<100_000).map { "ARG A\($0)=$A\(max(0, $0 - 1))x\(($0 % 7 == 0) ? "" : "\n#")\n" }.joined())
        plan("100,000 undefined variables", "FROM scratch\n" + (0..<100_000).map { "WORKDIR /$U\($0)\n" }.joined())
        plan("100,000 global arguments", (0..<100_000).map { "ARG G\($0)=$G\(max(0, $0 - 1))\n" }.joined() + "FROM scratch\n")
        plan("ENV that doubles", "FROM scratch\nENV A=aaaaaaaa\n" + String(repeating: "ENV A=$A$A\n", count: 100))
    }

    private static func measure(_ what: String, _ text: @autoclosure () -> String) {
        guard filter.isEmpty || what.contains(filter) else { return }
        let text = text()
        let file = SourceFile(name: "Dockerfile", text: text)
        let bytes = file.bytes
        let parse = best { _ = DockerfileParser.parse(SourceFile(name: "Dockerfile", bytes: bytes)) }
        let floor = best { bytes.withUnsafeBufferPointer { sink = $0.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) } } }
        let render = best(1) { sink = TextRenderer().render(DockerfileParser.parse(file).diagnostics).utf8.count }
        print(row(what, Double(bytes.count) / 1e6, parse, floor, parse / floor) + "   with its diagnostics shown \(format(render))")
    }

    private static func plan(_ what: String, _ text: @autoclosure () -> String) {
        guard filter.isEmpty || what.contains(filter) else { return }
        let text = text()
        let file = SourceFile(name: "Dockerfile", text: text)
        var result = ""
        let time = best(1) {
            let parsed = DockerfileParser.parse(file)
            let options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
            do {
                let plan = try Planner.plan(try Planner.outline(parsed.value, options: options), bases: [:], options: options)
                result = "\(plan.steps.count) steps, \(plan.warnings.count) warnings"
            } catch {
                let found = (error as? DiagnosticsError)?.diagnostics ?? []
                result = "\(found.count) errors, first \(found.first?.code ?? "none")"
            }
        }
        print(padded(what, 36) + format(time) + " ms   " + result)
    }

    // One thread, from the first line of main to the last.
    nonisolated(unsafe) private static var sink = 0
    nonisolated(unsafe) private static var filter = ""

    /// Milliseconds of the fastest of some runs.
    private static func best(_ runs: Int = 3, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        return (0..<runs).map { _ in
            let time = clock.measure(body).components
            return Double(time.seconds) * 1e3 + Double(time.attoseconds) / 1e15
        }.min() ?? 0
    }

    private static func row(_ what: String, _ numbers: Double...) -> String {
        padded(what, 36) + numbers.map { format($0) }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    private static func format(_ number: Double) -> String {
        let text = "\((number * 100).rounded() / 100)"
        return String(repeating: " ", count: max(0, 12 - text.count)) + text
    }
}
