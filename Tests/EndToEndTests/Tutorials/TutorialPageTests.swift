import SystemPackage
import TestSupport
import Testing

/// `Documentation/tutorials.md` is written from the goldens: it cannot say what is not so.
struct TutorialPageTests {
    @Test func thePageSaysWhatTheGoldensSay() throws {
        let root = Tutorial.root.removingLastComponent().removingLastComponent().removingLastComponent()
        let documentation = Fixture(name: "Documentation", directory: root.appending("Documentation").string)
        try documentation.expect(try Self.page(try Tutorial.all()), matches: "tutorials.md")
    }

    private static func page(_ tutorials: [Tutorial]) throws -> String {
        let broken = tutorials.filter(\.isBroken)
        var text = """
            # The tutorials, made true

            Twenty-six Dockerfiles from tutorials about multi-stage builds, as they were found on the web. \(broken.count) of them do not do
            what their text says: they fail, or they build something else without a word. This page is what `jettison build --check`
            answers to each as printed, and what is left when its advice is taken. It is written by a test, from what other tests
            compare with (`Tests/EndToEndTests/Tutorials`). There the repaired ones are built whole, on images in which small scripts
            stand in for npm, pip, go, cargo, mvn, dotnet, apk and apt-get; what ships is compared file by file.

            | Tutorial | As printed | Repaired, it starts with |
            |---|---|---|

            """
        for tutorial in tutorials {
            let ran = tutorial.fixture.exists("run.golden") ? try tutorial.fixture.text(of: "run.golden") : ""
            let started = ran.split(separator: "\n").dropFirst().first ?? "—"
            let printed = tutorial.defect ?? "as meant"
            text += "| \(tutorial.title) | \(printed) | \(started == "—" ? "—" : "`\(started)`") |\n"
        }
        text += """

            The Rust program of the tutorial does not start, even repaired: it is linked against the C library of its build stage, and
            an empty image has none. One of the Python servers listens on the loopback address of its container only.

            """
        for tutorial in broken {
            let said = try tutorial.fixture.text(of: "check.golden").split(separator: "\n", maxSplits: 1)[1]
            text += "\n## \(tutorial.title)\n\n```text\n\(said)```\n"
            if tutorial.fixture.exists("check-fixed.golden") {
                let rest = try tutorial.fixture.text(of: "check-fixed.golden").split(separator: "\n").filter { !$0.hasPrefix("exit ") }
                text += "\nThat done:\n\n```text\n\(rest.joined(separator: "\n"))\n```\n"
            }
            text += "\nRepaired:\n\n```diff\n\(try difference(tutorial))```\n"
        }
        return text
    }

    /// The lines that go and the lines that come, in the order of the file.
    private static func difference(_ tutorial: Tutorial) throws -> String {
        let printed = try tutorial.printed.split(separator: "\n").map(String.init)
        let repaired = try tutorial.repaired.split(separator: "\n").map(String.init)
        let changes = repaired.difference(from: printed)
        var rows: [(at: Int, isGoing: Bool, text: String)] = []
        var gone = 0
        for change in changes.removals {
            guard case .remove(let offset, let line, _) = change else { continue }
            rows.append((offset, true, "-" + line))
        }
        for change in changes.insertions {
            guard case .insert(let offset, let line, _) = change else { continue }
            // Where the line would have stood in the printed text.
            gone = changes.insertions.count { if case .insert(let other, _, _) = $0 { other < offset } else { false } }
            let removedBefore = changes.removals.count {
                if case .remove(let other, _, _) = $0 { other <= offset - gone } else { false }
            }
            rows.append((offset - gone + removedBefore, false, "+" + line))
        }
        return rows.sorted { ($0.at, $0.isGoing ? 0 : 1) < ($1.at, $1.isGoing ? 0 : 1) }.map { $0.text + "\n" }.joined()
    }
}
