import Diagnostics
import DockerfileSyntax
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What is printed, and that our messages lead from there to what works. Nothing is built here.
struct TutorialTextTests {
    @Test func thereAreTwentySix() throws {
        let tutorials = try Tutorial.all()
        #expect(tutorials.count == 26)
        #expect(tutorials.filter(\.isBroken).count == 13)
        for tutorial in tutorials { #expect(tutorial.isBroken == (tutorial.defect != nil), "\(tutorial.name)") }
    }

    /// The fixtures are the text of the tutorials to the byte, where somebody has those.
    @Test(.enabled(if: tutorialTexts != nil, "JETTISON_TUTORIALS names no directory with the texts of the tutorials"))
    func fixturesAreThePrintedText() throws {
        let directory = try #require(tutorialTexts)
        let texts = try FileManager.default.contentsOfDirectory(atPath: directory).compactMap {
            FileManager.default.contents(atPath: directory + "/" + $0).map { String(decoding: $0, as: UTF8.self) }
        }
        var printed = try Tutorial.all().map { ($0.name, try $0.printed) }
        for fragment in try TutorialFragment.all() { printed.append((fragment.name, try fragment.printed)) }
        for name in TutorialIgnoreTests.names {
            let folder = Fixture(name: name, directory: Tutorial.root.appending("Ignore").appending(name).string)
            printed.append((name, try folder.text(of: "dockerignore")))
        }
        for (name, text) in printed {
            let wanted = text.hasSuffix("\n") ? String(text.dropLast()) : text
            #expect(texts.contains { $0.contains(wanted) }, "\(name) is in none of \(texts.count) texts")
        }
    }

    /// The repaired file is what our fixes make of the printed one. What they leave to do is one line, and a message
    /// says it word for word.
    @Test(arguments: try Tutorial.complete().filter(\.isBroken))
    func messagesLeadToTheRepairedFile(_ tutorial: Tutorial) throws {
        let fixed = try tutorial.fixed
        let repaired = try tutorial.repaired
        guard fixed != repaired else { return }
        let before = Set(fixed.split(separator: "\n"))
        let added = repaired.split(separator: "\n").filter { !before.contains($0) }
        let after = Set(repaired.split(separator: "\n"))
        let removed = fixed.split(separator: "\n").filter { !after.contains($0) }
        #expect(added.count == 1 && removed.count <= 1, "+\(added)\n-\(removed)")
        let said = try tutorial.fixture.text(of: tutorial.needsSecondRound ? "check-fixed.golden" : "check.golden")
        for line in added { #expect(said.contains(line), "no message says: \(line)") }
    }

    @Test(arguments: try Tutorial.all())
    func theRepairedFileIsSpotless(_ tutorial: Tutorial) throws {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: try tutorial.repaired))
        #expect(TextRenderer().render(parsed.diagnostics) == "")
        #expect(!parsed.value.stages.isEmpty)
    }
}

/// Where the texts of the tutorials lie, when they do.
private let tutorialTexts = ProcessInfo.processInfo.environment["JETTISON_TUTORIALS"]
