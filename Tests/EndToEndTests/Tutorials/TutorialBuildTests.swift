import HostSystem
import SystemPackage
import TestSupport
import Testing

/// The tutorials built: as printed each is answered with what is wrong, repaired each ships what its text says it ships.
@Suite(.enabled(if: Needs.containers, "builds need root and overlay mounts"))
struct TutorialBuildTests {
    /// `check.golden` and, for the broken ones, `build.golden`: the exit code and what is said; `check-fixed.golden`: what is
    /// left to say when the fixes of the first answer are made.
    @Test(arguments: try Tutorial.all())
    func whatIsSaidAsPrinted(_ tutorial: Tutorial) async throws {
        let store = try await TutorialStore.shared.value
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let script = #"""
            cd context
            while IFS= read -r line && [ "$line" != 'END OF THE PRINTED' ]; do printf '%s\n' "$line"; done >Dockerfile
            jettison build --check . >../check 2>&1; echo "exit $?" >../check-exit
            cat >../fixed; { jettison build --check -f - . <../fixed; echo "exit $?"; } >../check-fixed 2>&1
            jettison build -q . >/dev/null 2>../build; echo "exit $?" >../build-exit
            """#
        let output = try await Gate.builds.run {
            let both = try tutorial.printed + "END OF THE PRINTED\n" + tutorial.fixed
            return try await store.shell(script, in: directory, tutorial, isPristine: true, input: Array(both.utf8))
        }
        try #require(output.status == 0, "\(output.standardError)")
        func content(_ name: String) throws -> String { try CaseStore.text(directory.path.appending(name)) }
        try tutorial.fixture.expect(content("check-exit") + content("check"), matches: "check.golden")
        if try tutorial.awaits == nil && tutorial.needsSecondRound {
            try tutorial.fixture.expect(content("check-fixed"), matches: "check-fixed.golden")
        }
        if tutorial.isBroken {
            try tutorial.fixture.expect(content("build-exit") + content("build"), matches: "build.golden")
        }
    }

    @Test(arguments: try Tutorial.complete())
    func theRepairedFilePassesTheCheck(_ tutorial: Tutorial) async throws {
        let store = try await TutorialStore.shared.value
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let output = try await store.shell(
            "cat > context/Dockerfile; jettison build --check context && jettison build --plan context", in: directory, tutorial,
            input: Array(try tutorial.repaired.utf8))
        #expect(output.status == 0 && !output.standardError.contains("error"), "\(output.standardError)")
    }

    @Test(arguments: try Tutorial.complete())
    func repairedItShipsWhatItSays(_ tutorial: Tutorial) async throws {
        let build = try await TutorialStore.shared.value.build(tutorial)
        try tutorial.fixture.expect(build.tree.lines(since: build.baseListing), matches: "tree.golden")
        try tutorial.fixture.expect(build.config, matches: "config.golden")
        for path in tutorial.absent {
            let isThere = (try? FileMetadata(at: build.directory.path.appending("out").appending(path))) != nil
            #expect(!isThere, "\(path) ships")
        }
        #expect(build.ranAgain.isEmpty, "a second build ran\n\(build.ranAgain)")
        try tutorial.fixture.expect(build.started, matches: "run.golden")
    }

    /// What was downloaded stays, and is in no layer.
    @Test(.enabled(if: (try? Tutorial.complete().contains { $0.name == "s12-cache-mount" }) == true, "RUN --mount is awaited"))
    func theCacheMountKeepsWhatWasDownloaded() async throws {
        let tutorial = try #require(try Tutorial.complete().first { $0.name == "s12-cache-mount" })
        let store = try await TutorialStore.shared.value
        _ = try await store.build(tutorial)
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let script = #"""
            cat > context/Dockerfile; echo 'uvicorn==0.30.1' >> context/requirements.txt
            jettison build --progress plain context 2>&1 | sed -n 's/^#[0-9]* | \([DU].*whl\)$/\1/p'
            """#
        let output = try await store.shell(script, in: directory, tutorial, input: Array(try tutorial.repaired.utf8))
        let wheels = output.text.split(separator: "\n")
        #expect(wheels.filter { $0.hasPrefix("Using cached ") }.count == 4, "\(wheels)")
        #expect(wheels.filter { $0.hasPrefix("Downloading ") } == ["Downloading uvicorn-0.30.1-py3-none-any.whl"])
    }

    /// The tutorials of a language print both ways; so do our ledgers.
    @Test(arguments: [
        ("s01-node-single", "s02-node-two-stage"), ("s06-node-liability", "s05-node-three-stage"),
        ("s14-node-single", "s15-node-three-stage"), ("s19-node-single", "s20-node-two-stage"),
        ("s22-node-bloated", "s23-node-two-stage"),
    ])
    func severalStagesShipAFractionOfOne(_ one: String, _ several: String) async throws {
        let store = try await TutorialStore.shared.value
        let tutorials = try Tutorial.all()
        let large = try await store.build(try #require(tutorials.first { $0.name == one }))
        let small = try await store.build(try #require(tutorials.first { $0.name == several }))
        #expect(large.size > 2 * small.size, "\(large.size) and \(small.size)")
        #expect(Ledger(large.said).leftBehind.isEmpty)
        #expect(!Ledger(small.said).leftBehind.isEmpty)
    }

    /// What stays behind is larger than what ships, wherever a compiler or its like stays behind.
    @Test(arguments: try Tutorial.complete())
    func theLedgerTellsTheStory(_ tutorial: Tutorial) async throws {
        let ledger = Ledger(try await TutorialStore.shared.value.build(tutorial).said)
        let total = try #require(ledger.total)
        let stages = try tutorial.repaired.split(separator: "\n").count { $0.hasPrefix("FROM ") }
        #expect(ledger.leftBehind.count == stages - 1)
        guard let largest = ledger.leftBehind.max() else { return }
        // Both stages of these stand on the same base, and the last adds the sources.
        let isSameBase = ["s03-python-user-site", "s25-python-user-site"].contains(tutorial.name)
        #expect(isSameBase ? total < largest * 1.1 : total < largest, "\(total) of \(largest) bytes")
    }

    /// Files that a later step deletes are in the image all the same: sums of layers count them, the tree does not.
    @Test func prunedInALaterLayerIsShippedAllTheSame() async throws {
        let tutorial = try #require(try Tutorial.all().first { $0.name == "s15-node-three-stage" })
        let build = try await TutorialStore.shared.value.build(tutorial)
        let listed = try await ShellCommand.run(#"find "$1" -type f -printf '%s\n' | awk '{ s += $1 } END { print s }'"#, [
            build.directory.path.appending("out").string
        ])
        let visible = try #require(Int(listed.text.filter(\.isNumber)))
        #expect(build.size - visible > 700_000)
    }
}

/// What the ledger at the end of a build says, in bytes.
private struct Ledger {
    var total: Double?
    var leftBehind: [Double] = []

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 2, words[0] == "total" { total = Self.bytes(words[1], words[2]) }
            if let arrow = words.firstIndex(of: "→"), arrow > 2, words.count > arrow + 2, words[arrow + 1] == "left" {
                leftBehind += [Self.bytes(words[arrow - 2], words[arrow - 1])].compactMap { $0 }
            }
        }
    }

    private static func bytes(_ number: Substring, _ unit: Substring) -> Double? {
        let units: [Substring: Double] = ["B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9]
        guard let value = Double(number), let factor = units[unit] else { return nil }
        return value * factor
    }
}
