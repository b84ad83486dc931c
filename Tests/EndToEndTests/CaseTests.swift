import HostSystem
import SystemPackage
import TestSupport
import Testing

/// Every folder of `Cases` is a build with its expected tree, config, words and exit code. README.md says how to write one.
@Suite(.enabled(if: Needs.containers, "end-to-end cases need root and overlay mounts"))
struct CaseTests {
    @Test(arguments: try Case.chosen())
    func build(_ test: Case) async throws {
        let store = try await CaseStore.shared.value
        try await Gate.builds.run { try await check(test, store) }
    }

    private func check(_ test: Case, _ store: CaseStore) async throws {
        let workspace = try TemporaryDirectory(prefix: "jettison-case-")
        let makesAnImage = try test.makesAnImage
        let options = "--progress plain --iidfile iid" + (makesAnImage ? " -o type=local,dest=out -o type=image" : "")
        let command = try test.build(with: options)
        let output = try await ShellCommand.run(
            Self.script(command), [workspace.path.string, store.path, Program.path, test.fixture.directory])
        let exit = try test.expectedExit
        guard output.status == exit else {
            Issue.record("\(test.name): exit code \(output.status) instead of \(exit)\n\(output.standardError)")
            return
        }
        let said = Self.diagnostics(in: output.standardError)
        if test.fixture.exists("expected.stderr") {
            try test.fixture.expect(said, matches: "expected.stderr")
        } else {
            #expect(said.isEmpty, "\(test.name) says what no expected.stderr expects")
        }
        if test.fixture.exists("expected.stdout") {
            try test.fixture.expect(output.text, matches: "expected.stdout")
        }
        guard output.status == 0, makesAnImage else { return }
        let image = try ImageListing(
            of: CaseStore.blob(CaseStore.text(workspace.path.appending("iid")), in: store.path))
        try check(test, image)
        let base = store.base(of: image)?.listing
        let tree = try TreeListing(of: workspace.path.appending("out"))
        if test.fixture.exists("expected.tree") {
            try test.fixture.expect(tree.lines(since: base), matches: "expected.tree")
        }
        if let times = try test.text(of: "expected.times") {
            let paths = times.split(separator: "\n").compactMap { $0.split(separator: " ", maxSplits: 1).last }
            try test.fixture.expect(tree.times(of: paths.map(String.init), since: base), matches: "expected.times")
        }
    }

    private func check(_ test: Case, _ image: ImageListing) throws {
        if test.fixture.exists("expected.config.json") {
            try test.fixture.expect(image.text, matches: "expected.config.json")
        }
        if test.fixture.exists("expected.history") {
            try test.fixture.expect(image.history, matches: "expected.history")
        }
    }

    private static func script(_ command: String) -> String {
        #"""
        cd "$1"; export JETTISON_ROOT="$2" JETTISON_OFFLINE=1 case="$4"; unset CI
        mkdir .bin; ln -s "$3" .bin/jettison; PATH="$PWD/.bin:$PATH"
        build() { jettison build -q "$@"; }

        """# + Case.preparation + "jettison \(command) <input\n"
    }

    private static let imagesHere: Substring = "  = note: images here: "
    private static let memoryHere: Substring = "  = note: the machine has "

    /// Progress has times in it; what we pin is what is said about the file.
    static func diagnostics(in text: String) -> String {
        var lines: [Substring] = []
        var isInside = false
        for var line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            // Other cases add images to the store meanwhile.
            if line.hasPrefix(Self.imagesHere) { line = Self.imagesHere + "…" }
            if line.hasPrefix(Self.memoryHere) { line = Self.memoryHere + "…" }
            if line.hasPrefix("error:") || line.hasPrefix("error[") || line.hasPrefix("warning:") { isInside = true }
            // Progress goes on after a warning.
            if line.hasPrefix("#") { isInside = false }
            if isInside { lines.append(line) }
            if line.isEmpty { isInside = false }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { $0 + "\n" }.joined()
    }
}
